import { request } from 'node:http'

/**
 * A person in a browser on the authorization page of a PDS, as far as the server can tell: what the page sends, with the headers that a browser adds. The page
 * itself is not drawn.
 */
export interface Person {
  /** Signs in and consents, and lets the browser go back to whoever asked. @returns what is then on the page */
  approve(url: string, credentials: { readonly handle: string; readonly password: string }): Promise<string>
  /** Refuses, and lets the browser go back. */
  reject(url: string): Promise<string>
}

export function openBrowser(): Person {
  const cookies = new Map<string, string>()

  async function visit(url: string, site: 'none' | 'same-origin', referer?: string): Promise<Answer> {
    const answer = await send(url, 'GET', { ...navigation(site), ...cookieHeader(), ...(referer !== undefined && { referer }) })
    keep(answer)
    return answer
  }

  async function call(page: string, endpoint: string, input: object, bearer?: string): Promise<Record<string, unknown>> {
    const { origin } = new URL(page)
    const headers = {
      ...cookieHeader(),
      origin,
      referer: page,
      'content-type': 'application/json',
      'sec-fetch-mode': 'same-origin',
      'sec-fetch-site': 'same-origin',
      'x-csrf-token': cookies.get('csrf-token') ?? '',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    }
    const answer = await send(`${origin}/@atproto/oauth-provider/~api/${endpoint}`, 'POST', headers, JSON.stringify(input))
    keep(answer)
    if (answer.status !== 200) throw new Error(`${endpoint}: ${answer.status} ${answer.body}`)
    return JSON.parse(answer.body) as Record<string, unknown>
  }

  async function goBack(page: string, url: unknown): Promise<string> {
    const redirect = await visit(String(url), 'same-origin', page)
    const location = redirect.headers['location']
    if (location === undefined) throw new Error(`no way back: ${redirect.status} ${redirect.body.slice(0, 500)}`)
    return (await send(location, 'GET', navigation('none'))).body
  }

  function keep({ headers }: Answer): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, decodeURIComponent(value))
    }
  }

  function cookieHeader(): { cookie: string } {
    return { cookie: [...cookies].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ') }
  }

  return {
    async approve(page, { handle, password }) {
      const shown = await visit(page, 'none')
      if (shown.status !== 200) throw new Error(`the page: ${shown.status} ${shown.body.slice(0, 500)}`)
      const { account, ephemeralToken } = await call(page, 'sign-in', {
        locale: 'en',
        username: handle,
        password,
        remember: false,
      })
      const { did, sub } = account as { did?: string; sub?: string }
      const { url } = await call(page, 'consent', { did: did ?? sub }, String(ephemeralToken))
      return goBack(page, url)
    },
    async reject(page) {
      await visit(page, 'none')
      const { url } = await call(page, 'reject', {})
      return goBack(page, url)
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: { readonly location?: string | undefined; readonly 'set-cookie'?: string[] | undefined }
  readonly body: string
}

function navigation(site: 'none' | 'same-origin'): Record<string, string> {
  return { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': site }
}

/** By hand: `fetch` writes headers of its own. */
function send(url: string, method: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
