import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const TOP_LEVEL = ["package.json", "turbo.json", "packages", "plugins", "shell", "test", ".github"]
/** Tools insist on these; everything else has a place inside the seven. */
const TOLERATED = ["README.md", "CONTRIBUTING.md", "LICENSE", "package-lock.json", "tsconfig.base.json", "vitest.config.ts"]

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" }).split("\n").filter(Boolean)
const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
const product = sources.filter((file) => /^(packages|plugins)\/[^/]+\/src\//.test(file) && !file.endsWith(".test.ts"))

interface Import {
  from: string
  to: string
}

/** Import specifiers of a file: static, dynamic and re-exports. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8")
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)["']([^"']+)["']/gm)
  return [...found].map(([, specifier = ""]) => ({ from: file, to: specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier }))
}

const imports = product.flatMap(importsOf)
const packageOf = (file: string): string => file.split("/").slice(0, 2).join("/")
const folderOf = (file: string): string => /^packages\/engine\/src\/([^/]+)\//.exec(file)?.[1] ?? "main"

/** What each package may import of the others. */
const PACKAGES: Record<string, readonly RegExp[]> = {
  "packages/sdk": [],
  "packages/engine": [/^@veneer\/sdk(\/\w+)?$/],
  "packages/testkit": [/^@veneer\/engine\/client$/, /^@veneer\/sdk(\/\w+)?$/],
  "packages/cli": [/^@veneer\/engine\/client$/, /^@veneer\/sdk(\/\w+)?$/],
  "plugins/postgres": [/^@veneer\/sdk$/],
  "plugins/files": [/^@veneer\/sdk$/],
  "plugins/files-direct": [/^@veneer\/sdk$/],
}

/** The one place of the CLI that starts an engine, and so sees more of it than its client. */
const STARTS_ENGINE = "packages/cli/src/commands/engine-start.ts"

/** What each folder of the engine may import of the others, besides the ports of all and the plain helpers. */
const ENGINE: Record<string, readonly string[]> = {
  api: ["workflows", "jobs", "catalog", "plugins", "client"],
  client: ["api/contract"],
  workflows: ["jobs", "plugins", "catalog"],
  jobs: ["catalog"],
  catalog: [],
  plugins: [],
  environments: ["system"],
  storage: ["system"],
  share: ["system"],
  system: [],
}
const isPort = (file: string): boolean => file.endsWith("/port.ts")
const isHelper = (file: string): boolean => /^packages\/engine\/src\/[^/]+\.ts$/.test(file) && !file.endsWith("/main.ts")

describe("the top level", () => {
  it("holds nothing but what the layout names", () => {
    const top = new Set(files.map((file) => file.split("/")[0] ?? ""))
    const others = [...top].filter((name) => !TOP_LEVEL.includes(name) && !TOLERATED.includes(name) && !name.startsWith("."))
    expect(others).toEqual([])
  })
})

describe("who imports whom", () => {
  it("reads imports at all", () => {
    expect(imports.length).toBeGreaterThan(200)
  })

  it("keeps packages apart", () => {
    const wrong = imports.filter(({ from, to }) => {
      const allowed = PACKAGES[packageOf(from)]
      if (allowed === undefined) return true
      if (to.startsWith("@veneer/")) return !(from === STARTS_ENGINE && to === "@veneer/engine") && !allowed.some((pattern) => pattern.test(to))
      return to.startsWith("packages/") || to.startsWith("plugins/") ? packageOf(to) !== packageOf(from) : false
    })
    expect(wrong).toEqual([])
  })

  it("keeps the engine's folders in their order", () => {
    const wrong = imports.filter(({ from, to }) => {
      if (packageOf(from) !== "packages/engine" || !to.startsWith("packages/engine/")) return false
      const folder = folderOf(from)
      if (folder === "main" || folder === folderOf(to) || isPort(to) || isHelper(to)) return false
      return !(ENGINE[folder] ?? []).some((allowed) => to.startsWith(`packages/engine/src/${allowed}/`))
    })
    expect(wrong).toEqual([])
  })

  it("builds things in main only", () => {
    const builders = imports.filter(({ from, to }) => folderOf(from) !== "main" && to.endsWith("/engine/src/main.ts"))
    expect(builders).toEqual([])
  })

  it("has no cycle", () => {
    const edges = new Map<string, string[]>()
    for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to])
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "))
      else if (!done.has(file)) {
        for (const next of edges.get(file) ?? []) visit(next, [...path, file])
        done.add(file)
      }
    }
    for (const file of edges.keys()) visit(file, [])
    expect(cycles).toEqual([])
  })
})

describe("what files may hold", () => {
  it("names no database product in the engine, its own catalog apart", () => {
    const naming = files.filter((file) => /^packages\/engine\/src\/(?!catalog\/)/.test(file) && !file.endsWith(".test.ts"))
      .filter((file) => /postgres|\bpg_|mysql|oracle/i.test(readFileSync(join(ROOT, file), "utf8")))
    expect(naming).toEqual([])
  })

  it("has no default export but a plugin's", () => {
    const defaults = product.filter((file) => /^export default /m.test(readFileSync(join(ROOT, file), "utf8")))
    expect(defaults.filter((file) => !/^plugins\/[^/]+\/src\/index\.ts$/.test(file))).toEqual([])
  })

  it("holds no file over 300 lines", () => {
    const long = product.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > 301)
    expect(long).toEqual([])
  })
})
