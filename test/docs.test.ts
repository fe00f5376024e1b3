import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL("..", import.meta.url))
const CLI = join(ROOT, "packages/cli/dist/main.js")
const PAGES = ["README.md", "CONTRIBUTING.md", ...(await readdir(join(ROOT, "packages/docs"))).filter((name) => name.endsWith(".md")).map((name) => `packages/docs/${name}`), "packages/docs/examples/sqlite/README.md"]

const read = (page: string) => readFile(join(ROOT, page), "utf8")

/** Commands of `veneer` on a page: those in shell blocks, and those in the text between backticks. */
async function commandsOf(page: string): Promise<string[]> {
  const text = await read(page)
  const blocks = [...text.matchAll(/```(?:sh)?\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.split("\n"))
  const inline = [...text.matchAll(/`(veneer [a-z]+ [a-z]+[^`]*)`/g)].map(([, command = ""]) => command)
  return [...blocks, ...inline].filter((line) => /^veneer [a-z]+ [a-z]/.test(line))
}

const helps = new Map<string, Promise<{ stdout: string }>>()

/** What `--help` of a command says; asked once. */
function helpOf(noun: string, verb: string): Promise<{ stdout: string }> {
  const help = helps.get(`${noun} ${verb}`) ?? run(process.execPath, [CLI, noun, verb, "--help"])
  helps.set(`${noun} ${verb}`, help)
  return help
}

describe.each(PAGES)("%s", (page) => {
  it("names no command or option that is not there", async () => {
    for (const command of await commandsOf(page)) {
      const [, noun = "", verb = "", ...rest] = command.split(/\s+/)
      const { stdout } = await helpOf(noun, verb)
      expect(stdout, command).toContain(`Usage: veneer ${noun} ${verb}`)
      const known = `${stdout} --json --quiet --data-dir --url --token`
      for (const option of rest.filter((word) => word.startsWith("--"))) expect(known, command).toContain(option)
    }
  })

  it("links to nothing that is not there", async () => {
    const targets = [...(await read(page)).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = ""]) => join(ROOT, dirname(page), target))
    for (const target of targets) await expect(readdir(dirname(target)), target).resolves.toContain(target.split("/").at(-1))
  })
})

it("has commands to check at all", async () => {
  expect((await Promise.all(PAGES.map(commandsOf))).flat().length).toBeGreaterThan(20)
})

it("has an operations reference that says what the contract says", async () => {
  const { stdout } = await run(process.execPath, [join(ROOT, "packages/docs/operations.mjs")])
  expect(await read("packages/docs/operations.md")).toBe(stdout)
  expect(stdout.match(/^\| `/gm)?.length).toBeGreaterThan(25)
})
