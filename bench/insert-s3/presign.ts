import { createHash, createHmac } from 'node:crypto'
import type { S3Server } from '../../test/services/index.ts'

/**
 * A URL with which anybody may PUT this object for an hour, its body unsigned: Signature Version 4 in the query
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). For keys without special characters.
 */
export function presignedPut(server: S3Server, bucket: string, key: string): string {
  const url = new URL(`${server.endpoint}/${bucket}/${key}`)
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${server.region}/s3/aws4_request`
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${server.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': '3600',
    'X-Amz-SignedHeaders': 'host',
  })
  const request = ['PUT', url.pathname, query, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join('\n')
  const key4 = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${server.secretAccessKey}`)
  query.set('X-Amz-Signature', hmac(key4, text).toString('hex'))
  url.search = query.toString()
  return url.href
}

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}
