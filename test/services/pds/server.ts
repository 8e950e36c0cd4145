/**
 * A program that serves a PDS or a PLC directory on loopback until it is ended: `node server.ts FOLDER_OF_PACKAGES SETTINGS`. What listens by
 * itself would do so on every interface.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'

export interface PlcSettings {
  readonly serve: 'plc'
  readonly port: number
}

export interface PdsSettings {
  readonly serve: 'pds'
  readonly port: number
  /** The environment of a PDS, as its `PDS.fromEnv` takes it. */
  readonly environment: object
}

interface Listening {
  app: RequestListener & { listen(port: number): Server }
  start(): Promise<unknown>
}

const [home = '', text = ''] = process.argv.slice(2)
const settings = JSON.parse(text) as PlcSettings | PdsSettings
const require = createRequire(`${home}/package.json`)
const server = settings.serve === 'plc' ? openPlc(settings) : await openPds(settings)
server.app.listen = (port) => createServer(server.app).listen(port, '127.0.0.1')
await server.start()

function openPlc({ port }: PlcSettings): Listening {
  const { PlcServer, Database } = require('@did-plc/server') as {
    PlcServer: { create(options: { db: unknown; port: number }): Listening }
    Database: { mock(): unknown }
  }
  return PlcServer.create({ db: Database.mock(), port })
}

function openPds({ environment }: PdsSettings): Promise<Listening> {
  const { PDS } = require('@atproto/pds') as { PDS: { fromEnv(environment: object): Promise<Listening> } }
  return PDS.fromEnv(environment)
}
