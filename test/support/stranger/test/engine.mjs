import { throwawayEngine } from "@veneer/testkit/engine"

const engine = await throwawayEngine({ plugin: process.cwd() })
const { items } = await engine.client.listSourceConfigs({ query: { limit: 100 } })
const source = items.find(({ name }) => name === process.argv[2])
if (!source) throw new Error(`There is no ${process.argv[2]} among ${items.map(({ name }) => name).join(", ")}.`)
const { job } = await engine.client.linkDsource({ body: { name: "ledger", source: source.id, parameters: { password: "a-password" } } })
await engine.succeeded(job)
const { items: [snapshot] } = await engine.client.listSnapshots({ query: { dsource: "ledger", limit: 1 } })
console.log(JSON.stringify(snapshot?.metadata))
await engine.stop()
