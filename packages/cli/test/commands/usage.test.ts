import { describe, expect, test } from 'vitest'
import { parseArguments, splitCommand } from '../../src/arguments.ts'
import { COMMANDS } from '../../src/commands.ts'
import { runMain } from './desk.ts'

describe('help', () => {
  test('without a command the overview goes to stderr, and the exit code says that nothing was done', async () => {
    expect(await runMain([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: shardex <command>') })
  })

  test('--help and help print the overview', async () => {
    const { code, stdout } = await runMain(['--help'])
    expect(code).toBe(0)
    for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`  ${name} `)
    expect((await runMain(['help'])).stdout).toBe(stdout)
  })

  test('--version prints the version and nothing else', async () => {
    expect((await runMain(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each(Object.keys(COMMANDS))('%s explains itself the same way in all forms', async (name) => {
    const { code, stdout } = await runMain([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: shardex ${name}`)
    expect((await runMain(['help', ...name.split(' ')])).stdout).toBe(stdout)
    expect((await runMain(['--help', ...name.split(' ')])).stdout).toBe(stdout)
  })

  test.each(Object.keys(COMMANDS))('%s has examples that parse, and the summary of the overview', async (name) => {
    const entry = COMMANDS[name as keyof typeof COMMANDS]
    const command = await entry?.load()
    expect(command?.summary).toBe(entry?.summary)
    expect(command?.examples.length).toBeGreaterThan(0)
    for (const [line] of command?.examples ?? []) {
      const { words, rest } = splitCommand(line.match(/'[^']*'|\S+/g)?.slice(1) ?? [], (word) => (word === 'schema' ? 2 : 1))
      const other = await COMMANDS[words.join(' ')]?.load()
      expect(() => parseArguments(rest, words.join(' '), other as NonNullable<typeof other>), line).not.toThrow()
    }
  })

  test.each(['', ...Object.keys(COMMANDS)])('the help of "%s" fits into 80 columns, and into a terminal', async (name) => {
    const words = name.split(' ').filter((word) => word !== '')
    const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))
    expect(widest((await runMain([...words, '--help'])).stdout)).toBeLessThanOrEqual(80)
    const { stdout } = await runMain([...words, '--help'], { tty: true })
    expect(widest(stdout)).toBeLessThanOrEqual(100)
    if (words.length > 0) expect(stdout.split('\n')[2]).toMatch(/^[A-Z]/)
  })

  test('a group of commands lists itself', async () => {
    const { code, stdout } = await runMain(['schema'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/schema publish .*schema codegen /s)
    expect(stdout).not.toContain('doctor')
  })
})

describe('a command line that cannot be', () => {
  test.each([
    ['a command with a slip', ['insrt'], 'did you mean `shardex insert`?'],
    ['what another tool calls it', ['list'], 'did you mean `shardex ls`?'],
    ['the version as a command', ['version'], 'did you mean `shardex --version`?'],
    ['two names of one option', ['head', 'a', '-n', '1', '--limit', '2'], 'one of the two'],
    ['a subcommand with a slip', ['schema', 'pblish'], 'did you mean `shardex schema publish`?'],
    ['a command from nowhere', ['xyzzy'], '`shardex --help` lists them'],
    ['the name of a property that every object has', ['constructor'], 'a command'],
    ['an option with a slip', ['ls', '--jsno'], 'did you mean --json?'],
    ['an option of another command', ['ls', '--purge'], '`shardex ls --help` shows them'],
    ['an option that every object has', ['ls', '--constructor', 'x'], 'an option of'],
    ['a missing argument', ['show'], '<name|name@version|cid|at://…>: found nothing'],
    ['a missing option', ['insert', '.'], '--name: found nothing, wanted --name NAME'],
    ['too many arguments', ['rename', 'a', 'b', 'c'], 'found "c", wanted nothing more'],
    ['an option without its value', ['ls', '--limit'], '--limit: found nothing after it'],
    ['an option in place of a value', ['ls', '--limit', '--all'], 'wanted N; if you mean it: --limit=--all'],
    ['an option in place of the value of a short one', ['head', 'a', '-n', '--key'], 'if you mean it: --count=--key'],
    ['a negative number', ['head', 'a', '-n', '-1'], 'found -1, wanted a whole number of at least 1'],
    ['another negative number', ['verify', 'a', '--parallel', '-2'], 'found -2, wanted a whole number of at least 1'],
    ['a value for a switch', ['ls', '--all=no'], 'since it is a switch'],
    ['an option given twice', ['ls', '--limit', '1', '--limit', '2'], 'found it twice'],
    ['a number that is none', ['ls', '--limit', '1e3'], 'a whole number of at least 1'],
    ['a size that is none', ['insert', '.', '--name', 'a', '--maxsize', '12 parsecs'], 'a size like 256MB'],
    ['metadata that are none', ['insert', '.', '--name', 'a', '--metadata', '{"a":'], 'key=text, or a JSON object'],
    ['two registries', ['ls', '--redis', 'redis://h', '--db', 'f'], 'one of the two'],
    ['two stores', ['ls', '--s3', 'bucket', '--root', 'd'], 'one of the two'],
    ['credentials for no bucket', ['ls', '--s3-credentials', 'f'], '--s3 BUCKET[/PREFIX] beside it'],
    ['no URL of Redis', ['ls', '--redis', 'localhost:6379'], 'redis://host:port/database'],
    ['a time that is none', ['show', 'a', '--at', 'yesterday'], 'a revision like 3, or a time like'],
  ])('%s exits with 2 and says what to do', async (_, argv, advice) => {
    const ended = await runMain(argv, { env: { SHARDEX_HOME: '/nonexistent' } })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^shardex: [^\n]+\n$/)
    expect(ended.stderr).toContain(advice)
  })

  test('keys of S3 that are missing are told in words of the command line', async () => {
    const env = { SHARDEX_HOME: '/nonexistent', AWS_ENDPOINT: 'http://s3', AWS_ACCESS_KEY_ID: 'id' }
    const { code, stderr } = await runMain(['ls', '--s3', 'bucket'], { env })
    expect(code).toBe(2)
    expect(stderr).toMatch(/the environment has no AWS_SECRET_ACCESS_KEY; .*--s3-credentials FILE/)
    expect(stderr).not.toContain('object')
  })

  test('control characters of an argument do not reach the terminal', async () => {
    expect((await runMain(['\u001b[2J'])).stderr).toContain('\\x1b[2J')
  })

  test('with --json the error is one JSON document on stderr', async () => {
    const { code, stdout, stderr } = await runMain(['ls', '--limit', 'many', '--json'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'usage.invalid',
        message: '--limit: found "many", wanted a whole number of at least 1',
        details: { argument: '--limit', found: '"many"', wanted: 'a whole number of at least 1' },
      },
    })
  })
})
