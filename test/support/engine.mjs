// Runs an engine as a process of its own, for tests: as the command line does, but told where to die or to fail.
// Its argument is one JSON document: { config, trace }. Each message to it is a plan: [{ job, step, moment, act: "kill" | "fail" }].
import { appendFileSync } from "node:fs"
import { startEngine } from "@veneer/engine"

const { config, trace } = JSON.parse(process.argv[2] ?? "{}")
let plan = []
process.on("message", (message) => {
  plan = message
  process.send?.("planned")
})

const engine = await startEngine(config, {
  observe: (at) => {
    if (trace) appendFileSync(trace, `${JSON.stringify(at)}\n`)
    const due = plan.findIndex(({ job, step, moment }) => job === at.job && step === at.step && moment === at.moment)
    if (due < 0) return
    const [{ act }] = plan.splice(due, 1)
    if (act === "fail") throw new Error(`told to fail after ${at.step}`)
    process.kill(process.pid, "SIGKILL")
  },
})
process.send?.({ url: engine.url, tokenFile: engine.tokenFile, warnings: engine.warnings })
process.once("SIGTERM", () => void engine.close().then(() => process.exit(0)))
