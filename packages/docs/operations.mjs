// Writes operations.md from the contract itself: `node packages/docs/operations.mjs > packages/docs/operations.md`.
import { readFile } from "node:fs/promises"
import { operationRules } from "../sdk/dist/operations.js"

const source = await readFile(new URL("../sdk/src/plugin.ts", import.meta.url), "utf8")

/** The operations of one interface, with type and doc comment. */
function members(name) {
  const [, body = ""] = new RegExp(`^(?:export )?interface ${name}\\b[^\\n]*\\{\\n([\\s\\S]*?)^\\}`, "m").exec(source) ?? []
  const found = body.matchAll(/(?: {2}\/\*\*\s((?:(?!\*\/)[\s\S])*)\*\/\n)? {2}(\w+)\??: Handler<(.*)>\n/g)
  return [...found].map(([, text = "", operation, type]) => ({ text: text.replace(/^\s*\*\s+/, "").replace(/\s*\n\s*\*?\s*/g, " ").trim(), operation, type }))
}

const groups = {
  discovery: [["", members("Discovery")]],
  linked: [["", members("LinkedOperations")], ["staged", members("StagedOperations")], ["direct", members("DirectOperations")]],
  virtual: [["", members("VirtualOperations")]],
}

/** Where the type of the input ends and that of the answer begins: the last comma outside of brackets. */
function split(type) {
  let depth = 0
  for (let at = type.length - 1; at > 0; at--) {
    if (">]})".includes(type[at])) depth++
    if ("<[{(".includes(type[at])) depth--
    if (type[at] === "," && depth === 0) return [type.slice(0, at), type.slice(at + 2)]
  }
  throw new Error(`${type} is no handler's`)
}

const code = (text) => `\`${text.replaceAll("|", "\\|")}\``

console.log(`# Operations reference

For authors of plugins who look up one operation: what it is for, what it is given and what it returns. The types are those of
[\`plugin.ts\`](../sdk/src/plugin.ts); every input also has what \`Call\` of [\`inputs.ts\`](../sdk/src/inputs.ts) holds. This page is generated from there: don't edit it.
An operation may be called again after a crash. An optional one that is absent is not offered.`)

for (const [group, rules] of operationRules) {
  console.log(`\n## ${group}\n\n| operation | ingestion | | for | input | returns |\n|---|---|---|---|---|---|`)
  for (const [operation, rule] of Object.entries(rules)) {
    const rows = groups[group].flatMap(([kind, list]) => list.filter((one) => one.operation === operation).map((one) => ({ kind, ...one })))
    if (rows.length === 0) throw new Error(`${group}.${operation} has a rule and no type`)
    for (const { kind, text, type } of rows) {
      const [input, output] = split(type)
      console.log(`| \`${operation}\` | ${kind || "any"} | ${rule.required ? "required" : "optional"} | ${text} | ${code(input)} | ${code(output)} |`)
    }
  }
}
