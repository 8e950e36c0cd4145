import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@shardex/source']

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/services/global-setup.ts'],
    // Most of a test is waiting for servers and processes.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
})

export default config
