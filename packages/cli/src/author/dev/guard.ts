// Run by `veneer plugin dev` in a session of its own: `node guard.js <stage>`. However that program ends, its end of
// our standard input closes; then the stage is taken down, unless it is to stay.
import { once } from "node:events"
import { readMark } from "./stage.ts"
import { strike } from "./strike.ts"

const [, , path = ""] = process.argv
process.on("SIGHUP", () => undefined)
// Nobody may be left to hear of it.
process.stdout.on("error", () => undefined)
process.stdin.resume()
await once(process.stdin, "close")
if ((await readMark(path))?.kept !== true) await strike(path, (line) => process.stdout.write(`${line}\n`))
