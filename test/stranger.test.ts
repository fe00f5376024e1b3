import { execa } from "execa"
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { missingFrom } from "./support/packed.ts"
import { LACKS } from "./support/server.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url))
const PACKAGES = ["sdk", "engine", "cli", "testkit"]
const TEMPLATE = fileURLToPath(new URL("./support/stranger", import.meta.url))

/** Nothing of the settings that this repository's tests run with, but for how the registry is reached. */
const REACHING = /^(?:PATH|HOME|npm_config_(?:registry|cache|userconfig|globalconfig|cafile)|.*_proxy|NODE_EXTRA_CA_CERTS)$/i
const own = { extendEnv: false, env: Object.fromEntries(Object.entries(process.env).filter(([name]) => REACHING.test(name))) } as const

/** What a plugin's author installs besides, at the repository's own versions. */
const TOOLS = ["vitest", "typescript", "@types/node"]

// The packages as they would be published, in a project that knows nothing of this repository. Filling it takes the package
// registry, or its packages in npm's cache.
describe("a stranger who installs the packages", () => {
  let sandbox: Sandbox
  let project: string
  let tarballs: string[]
  /** Why the project is empty. */
  let unreachable: string | undefined
  beforeAll(async () => {
    sandbox = await createSandbox("stranger")
    tarballs = await packAll(sandbox.path)
    project = join(sandbox.path, "ledger")
    await cp(TEMPLATE, project, { recursive: true })
    // Under its own name it would be taken for a test of this repository.
    await rename(join(project, "test/suite.ts"), join(project, "test/plugin.test.ts"))
    unreachable = await install(project, tarballs)
  })
  afterAll(() => sandbox.clear())

  const tarballOf = (name: string): string => join(sandbox.path, tarballs.find((file) => file.startsWith(`veneer-${name}-`)) ?? "")

  /** @returns the folder with what is in a package's tarball */
  async function unpacked(name: string): Promise<string> {
    const folder = join(sandbox.path, "unpacked", name)
    await mkdir(folder, { recursive: true })
    await execa("tar", ["--extract", "--gzip", "--strip-components=1", "--directory", folder, "--file", tarballOf(name)])
    return folder
  }

  /** A program of the project's own, as `npx` finds it. */
  const npx = (program: string, ...argv: string[]) =>
    execa(join(project, "node_modules/.bin", program), argv, { cwd: project, all: true, reject: false, ...own })

  it.for(PACKAGES)("finds the package %s in order, each of its exports in place", async (name) => {
    const { messages, pkg } = await publint({ pack: { tarball: arrayBufferOf(await readFile(tarballOf(name))) }, strict: true })
    expect(messages.filter(({ type }) => type !== "suggestion").map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  it.for(PACKAGES)("gets all that the package %s needs, and neither its tests nor its sources", async (name) => {
    const folder = await unpacked(name)
    expect(missingFrom(folder)).toEqual([])
    const files = await readdir(folder, { recursive: true })
    expect(files.filter((path) => /\.test\.|^(?:src|test)\/|tsbuildinfo/.test(path) && !path.startsWith("templates/"))).toEqual([])
  })

  it.for(PACKAGES)("is told what the package %s is, and under which licence", async (name) => {
    const folder = await unpacked(name)
    expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8"))).toMatchObject({ license: "Apache-2.0" })
    expect(await readFile(join(folder, "README.md"), "utf8")).toContain(`# @veneer/${name}\n`)
    expect(await readFile(join(folder, "LICENSE"), "utf8")).toBe(await readFile(join(REPOSITORY, "LICENSE"), "utf8"))
  })

  it("is told the licences of all that others wrote of the engine's programs", async () => {
    const folder = join(await unpacked("engine"), "dist")
    const told = await readFile(join(folder, "LICENSES.txt"), "utf8")
    const programs = await Promise.all(["engine.js", "plugin-process.js", "fork-server.js"].map((file) => readFile(join(folder, file), "utf8")))
    // The bundler names the file that each part comes from.
    const bundled = new Set(programs.flatMap((text) => [...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name = ""]) => name)))
    expect(bundled.size).toBeGreaterThan(50)
    expect([...bundled].filter((name) => !told.includes(`\n${name} `))).toEqual([])
    expect(told).toMatch(/\nfastify \S+: MIT\n=+\n\nMIT License\n/)
  })

  it.for(["sdk", "engine", "testkit"])("finds examples in the readme of the package %s that compile", async (name, { skip }) => {
    skip(unreachable !== undefined, unreachable)
    const readme = await readFile(join(await unpacked(name), "README.md"), "utf8")
    const snippets = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text = ""]) => text)
    const folder = join(project, `readme-${name}`)
    await mkdir(folder)
    await Promise.all(snippets.map((text, index) => writeFile(join(folder, `${index + 1}.ts`), text)))
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../tsconfig.json", include: ["."] }))
    expect(snippets).not.toEqual([])
    const { exitCode, all } = await npx("tsc", "-p", folder)
    expect(exitCode, all).toBe(0)
  })

  it("tests a plugin with pluginSuite, on this machine and on a scripted host", async ({ skip }) => {
    skip(unreachable !== undefined, unreachable)
    const { all, exitCode } = await npx("vitest", "run")
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(/Tests .*\d{2} passed/)
  })

  it("begins another one, which passes its own tests", async ({ skip }) => {
    skip(unreachable !== undefined, unreachable)
    const { exitCode, all } = await npx("veneer", "plugin", "init", "another", "--id", "another", "--name", "Another", "--direct")
    expect(exitCode, all).toBe(0)
    expect(await readdir(join(project, "another", "src"))).toContain("index.ts")
    const tested = await execa("npm", ["test"], { cwd: join(project, "another"), all: true, reject: false, ...own })
    expect(tested.exitCode, tested.all).toBe(0)
    expect(tested.all).toMatch(/Tests .*\d{2} passed/)
  })

  it("checks its declarations, types and scripts, and builds it", async ({ skip }) => {
    skip(unreachable !== undefined, unreachable)
    const checked = await npx("veneer", "plugin", "check")
    expect(checked.all).toContain("Nothing is wrong with it.")
    const built = await npx("veneer", "plugin", "build")
    expect(built.exitCode, built.all).toBe(0)
    expect(await readdir(join(project, "dist"))).toEqual(["ledger.veneer.tgz"])
  })

  it(`runs it in a throwaway engine${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, async ({ skip }) => {
    skip(unreachable !== undefined || LACKS !== undefined, unreachable ?? LACKS)
    const ledger = join("/tmp", `ledger-${process.pid}`)
    sandbox.defer(() => rm(ledger, { recursive: true }))
    await mkdir(ledger)
    await writeFile(join(ledger, "first.txt"), "one\n")
    const { all, stdout, exitCode } = await execa(process.execPath, ["test/engine.mjs", ledger], { cwd: project, all: true, reject: false, ...own })
    expect(exitCode, all).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ pages: 1 })
  })
})

/** @returns the names of the tarballs */
async function packAll(destination: string): Promise<string[]> {
  await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", destination, ...PACKAGES.flatMap((name) => ["--workspace", `@veneer/${name}`])], { cwd: REPOSITORY })
  return (await readdir(destination)).filter((file) => file.endsWith(".tgz"))
}

/** @returns why it could not be done, when it is the registry's fault @throws when it is ours */
async function install(project: string, tarballs: readonly string[]): Promise<string | undefined> {
  const versions = await Promise.all(TOOLS.map(async (name) => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, "node_modules", name, "package.json"), "utf8")) as { version: string }
    return `${name}@${version}`
  }))
  // Our settings: what does not fit the Node.js that we ask for fails, and nothing is so new that parts of it may be missing.
  await cp(join(REPOSITORY, ".npmrc"), join(project, ".npmrc"))
  const argv = ["install", "--save-dev", "--prefer-offline", "--fetch-retries=1", "--fetch-timeout=60000", ...tarballs.map((file) => join("..", file)), ...versions]
  const { exitCode, stderr } = await execa("npm", argv, { cwd: project, reject: false, ...own })
  if (exitCode === 0) return undefined
  // Why npm failed does not always show: what it could not ask about, it takes for unfit.
  const asked = await execa("npm", ["view", "vitest", "version", "--prefer-online", "--fetch-retries=0"], { cwd: project, reject: false, ...own })
  if (asked.failed) return "the package registry can't be reached"
  throw new Error(stderr)
}

const arrayBufferOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer
