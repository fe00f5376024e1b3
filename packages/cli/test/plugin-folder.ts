import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

/** A sound plugin's entry: the parts that tests change stand on lines of their own. */
export const ENTRY = `import { definePlugin, script, Type } from "@veneer/sdk"
import { say } from "./say.ts"

const none = Type.Object({})
const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const a = script({ file: "a.sh", variables: { TEXT: "string", MAYBE: "string?" }, output: Type.Object({ text: Type.String() }) })
const b = script({ file: "deep/b.sh", variables: { TEXT: "string" } })
console.log(say)

export default definePlugin({
  id: "mini",
  name: "Mini",
  version: "1.0.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas: {
    repository: named, sourceConfig: named,
    linkedSource: none,
    virtualSource: none,
    snapshot: none,
    snapshotParameters: none,
  },
  discovery: { repositories: () => [], sourceConfigs: () => [] },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    preSnapshot: async ({ run, connection }) => {
      const { text } = await run.script(connection, a, { TEXT: "hello" })
      await run.script(connection, b, { TEXT: text })
    },
    postSnapshot: () => ({}),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({}) },
})
`

const A = `#!/usr/bin/env bash
# Answers with TEXT. Changes nothing.
source "\${BASH_SOURCE[0]%/*}/lib.sh"
source "\${BASH_SOURCE[0]%/*}/common.sh"

main() {
  local text
  json_string -v text "$(said "$TEXT") \${MAYBE-}"
  emit "{\\"text\\":$text}"
}

main
`

const B = `#!/usr/bin/env bash
# Logs TEXT. Changes nothing.
source "\${BASH_SOURCE[0]%/*}/../lib.sh"

main() {
  log "$TEXT"
}

main
`

/** A sound plugin's files by path. */
export const SOUND: Readonly<Record<string, string>> = {
  "src/index.ts": ENTRY,
  "src/say.ts": `export const say: string = "loaded"\n`,
  "scripts/a.sh": A,
  "scripts/deep/b.sh": B,
  "scripts/common.sh": "# What scripts share.\n# shellcheck shell=bash\nsaid() { printf '%s' \"$1\"; }\n",
}

/** Writes a plugin's files into a folder. */
export async function writePlugin(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

/** The sound plugin with one text in one of its files replaced. */
export function changed(file: string, from: string, to: string): Record<string, string> {
  const text = SOUND[file] ?? ""
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  return { ...SOUND, [file]: text.replace(from, to) }
}
