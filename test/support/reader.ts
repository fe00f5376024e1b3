import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { execa } from "execa"
import { expect } from "vitest"
import { strike } from "./engine.ts"
import { showsText, snippetOf, type Block } from "./page.ts"
import type { Sandbox } from "./sandbox.ts"
import { freePort } from "./server.ts"

/** A reader at a terminal, who does what a page says. Directory and variables stay from block to block. */
export interface Reader {
  /** Does what a block says, as far as it is something to be done. @throws when it does not go as the page says */
  follow(block: Block): Promise<void>
  /** Ends what still runs. */
  leave(): Promise<void>
}

/** Pages name this directory and this port; the reader's are others, so that nobody is disturbed. */
const DIRECTORY = "/srv/"
const PORT = "5499"
const FIRST_PORT = 14_000 + (process.pid % 100) * 20

/** @param root the checkout @param cwd where the reader begins */
export async function createReader(sandbox: Sandbox, { root, cwd }: { root: string; cwd: string }): Promise<Reader> {
  const own = { directory: join(sandbox.path, "srv/"), port: String(await freePort()) }
  await mkdir(own.directory)
  await chmod(own.directory, 0o711)
  const bin = await programs(sandbox, root)
  const state = join(sandbox.path, "state.sh")
  await writeFile(state, `cd ${cwd}\n`)
  const env = { PATH: `${bin}:${process.env["PATH"]}`, HOME: sandbox.path, TMPDIR: "/tmp", COLUMNS: "100", NO_COLOR: "1", LC_ALL: "C.UTF-8" }
  const running: { child: ChildProcess; said: () => string }[] = []
  let said = ""

  const mine = (text: string) => text.replaceAll(DIRECTORY, own.directory).replaceAll(PORT, own.port)
  const theirs = (text: string) => text.replaceAll(own.directory, DIRECTORY).replaceAll(own.port, PORT)
  const bash = (text: string) => ["bash", "-c", `set -eo pipefail; source ${state}; exec 2>&1\n${text}`] as const

  async function run({ text, place }: Block, fails: boolean): Promise<void> {
    const [program, ...argv] = bash(`trap '{ declare -px; printf "cd %q\\n" "$PWD"; } >${state}' EXIT\n${mine(text)}`)
    const { exitCode, stdout } = await execa(program, argv, { cwd: "/", env, extendEnv: false, reject: false, stdin: "ignore" })
    said = theirs(stdout)
    expect(fails ? exitCode !== 0 : exitCode === 0, `${place} ended with ${exitCode}:\n${said}`).toBe(true)
  }

  async function start({ text }: Block): Promise<void> {
    const [program, ...argv] = bash(mine(text).replaceAll(/^veneer /gm, "exec veneer "))
    const child = spawn(program, argv, { cwd: "/", env, stdio: ["ignore", "pipe", "inherit"] })
    let all = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (all += chunk))
    running.push({ child, said: () => theirs(all) })
  }

  async function compare({ text, place }: Block): Promise<void> {
    const last = running.at(-1)
    if (said === "" && last) await expect.poll(() => showsText(text, last.said()) || last.said(), { message: place }).toBe(true)
    else expect(showsText(text, said), `${place} shows:\n${text}\nbut there was:\n${said}`).toBe(true)
  }

  return {
    follow: async (block) => {
      const snippet = snippetOf(block)
      switch (snippet.is) {
        case "commands":
          said = ""
          return snippet.ending === "stays" ? start(block) : run(block, snippet.ending === "fails")
        case "output": return compare(block)
        case "file": {
          const [, directory = ""] = /^cd (.*)$/m.exec(await readFile(state, "utf8")) ?? []
          const path = resolve(directory, mine(snippet.path))
          await mkdir(dirname(path), { recursive: true })
          return writeFile(path, mine(block.text))
        }
        default:
      }
    },
    leave: async () => {
      for (const { child } of running) {
        child.kill("SIGTERM")
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
      }
      // The engine first, whose databases' private directories bear its id; then the source.
      await strike(join(own.directory, "veneer"))
      await strike(dirname(join(own.directory, "veneer")))
    },
  }
}

/** `veneer` as an installation would have it, but with an engine that shares the machine with others. */
async function programs(sandbox: Sandbox, root: string): Promise<string> {
  const bin = join(sandbox.path, "bin")
  await mkdir(bin)
  const file = join(bin, "veneer")
  const engine = `--listen 127.0.0.1:0 --port-range ${FIRST_PORT}-${FIRST_PORT + 19} --pool-size 4GiB`
  await writeFile(file, `#!/bin/bash\n[[ $1 $2 != 'engine start' ]] || set -- "$@" ${engine}\nexec ${process.execPath} ${join(root, "packages/cli/dist/main.js")} "$@"\n`.replace("$1 $2", '"$1 $2"'))
  await chmod(file, 0o755)
  return bin
}
