import type { Diagnosis } from '@shardex/index'
import type { Context } from '../context.ts'
import { formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import { type Check, failed } from './check.ts'
import { checkIngests } from './check-ingests.ts'

/** Is it there, is it durable, and what is in it? */
export async function checkRegistry(context: Context, { adopt }: { adopt: boolean }): Promise<Check[]> {
  const { index, signal, config } = context
  try {
    const adopted = adopt ? await index.adopt({ signal }) : undefined
    const diagnosis = await index.diagnose({ signal })
    return [
      {
        name: 'registry',
        status: 'ok',
        found: `${diagnosis.backend} ${diagnosis.version} at ${diagnosis.url}, ${content(diagnosis)}`,
      },
      { name: 'registry settings', status: 'ok', found: facts(diagnosis) },
      ...diagnosis.warnings.map((warning): Check => ({ name: 'registry settings', status: 'warn', found: warning })),
      ...(adopted === undefined
        ? []
        : [
            { name: 'adopt', status: 'ok' as const, found: `${counted(formatCount(adopted), 'record')} of atdata newly indexed` },
          ]),
      ...(await checkIngests(context, Date.now())),
    ]
  } catch (error) {
    const next =
      config.registry.kind === 'redis'
        ? 'is the server running, and --redis or REDIS_URL its address?'
        : 'may this user write there? --db names another file'
    return [failed('registry', error, next)]
  }
}

function content({ counts: { entries, names, labels, schemas } }: Diagnosis): string {
  const part = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`
  return [
    part(entries, 'entry', 'entries'),
    part(names, 'name', 'names'),
    part(labels, 'label', 'labels'),
    part(schemas, 'schema', 'schemas'),
  ].join(', ')
}

function facts({ facts }: Diagnosis): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${value === true ? 'on' : value === false ? 'off' : value}`)
    .join(', ')
}
