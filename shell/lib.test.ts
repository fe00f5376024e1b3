import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "veneer-lib-"))
  cpSync(new URL("lib.sh", import.meta.url), join(folder, "lib.sh"))
})

afterAll(() => rmSync(folder, { recursive: true }))

/** One line, as the engine quotes: everything that is not plain is an escape of its bytes. */
function quote(text: string): string {
  const bytes = Array.from(Buffer.from(text), byte => (byte >= 32 && byte < 127 && byte !== 39 && byte !== 92 ? String.fromCodePoint(byte) : `\\x${byte.toString(16).padStart(2, "0")}`))
  return `$'${bytes.join("")}'`
}

/** Runs a script whose first line sources the library, with lines on its standard input. */
function run(body: string, lines: readonly string[] = []) {
  const file = join(folder, "script.sh")
  writeFileSync(file, `source "\${BASH_SOURCE[0]%/*}/lib.sh"\n${body}\n`)
  const { status, stdout, stderr } = spawnSync("bash", [file], { input: lines.map(line => `${line}\n`).join(""), encoding: "utf8", env: { PATH: process.env["PATH"], LANG: "C.UTF-8", VENEER_ENGINE: "e" } })
  return { status, stdout, stderr }
}

const text = fc.string({ unit: "binary", maxLength: 60 }).filter(value => !value.includes("\0"))

describe("the script contract", () => {
  it("brings any text in as a variable and out as JSON, unchanged", () => {
    fc.assert(fc.property(fc.array(text, { minLength: 20, maxLength: 40 }), values => {
      const lines = values.map((value, index) => `declare -x V${String(index)}=${quote(value)}`)
      const body = `list=''\nfor ((i = 0; i < ${String(values.length)}; i++)); do name=V$i; json_string -v item "\${!name}"; list+="\${list:+,}$item"; done\nemit "[$list]"`
      const { stdout } = run(body, lines)
      expect(JSON.parse(stdout)).toEqual(values)
    }), { numRuns: 12 })
  })

  it("escapes every control character", () => {
    const all = Array.from({ length: 127 }, (_value, index) => String.fromCodePoint(index + 1)).join("")
    expect(JSON.parse(run('emit "$(json_string "$ALL")"', [`ALL=${quote(all)}`]).stdout)).toBe(all)
  })

  it("exports plain variables and no secret", () => {
    const { stdout } = run('emit "$(json_string "$(env | grep -c "^PLAIN=\\|SECRET" || true) $SECRET")"', ["declare -x PLAIN=$'p'", "SECRET=$'s'"])
    expect(JSON.parse(stdout)).toBe("1 s")
  })

  it("ends with a document that says what failed and what to do, also from a subshell", () => {
    const { status, stdout } = run('value=$(fail some_code "It \\"broke\\"." "Mend it." $\'out\\nput\')\nemit "never"')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ error: { code: "some_code", message: 'It "broke".', action: "Mend it.", output: "out\nput" } })
  })

  it("keeps chatter off standard output, and says where a script ended that should not have", () => {
    const { status, stdout, stderr } = run("echo chatter\nfalse\nemit '{}'")
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" })
    expect(stderr).toContain("chatter")
    expect(stderr).toContain("line 3: exit code 1 from: false")
  })

  it("names a program that is missing", () => {
    const { stdout } = run("need bash no-such-program\nemit '{}'")
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "program_missing", message: expect.stringContaining("no-such-program") } })
  })

  it("reports progress on one line", () => {
    expect(run("progress 0.5 $'two\\nlines'").stderr).toBe("VENEER_PROGRESS 0.5 two lines\n")
  })

  it("starts servers that have nothing of the script, and wakes at their log", () => {
    const body = `
      log_file=\${BASH_SOURCE[0]%/*}/log; : >"$log_file"
      daemon "$log_file" bash -c 'env; ls /proc/self/fd | tr "\\n" " "; echo; echo "session $(ps -o sid= -p $$) $$"; exec tail -f /dev/null'
      follow "$log_file"
      said() { grep -q session "$log_file"; }
      await 10 said
      unfollow
      kill "$DAEMON_PID"
      emit "$(json_string "$(<"$log_file")")"`
    const log = String(JSON.parse(run(body, ["declare -x PLAIN=$'p'"]).stdout))
    expect(log).not.toMatch(/VENEER|PLAIN/)
    expect(log).toMatch(/^0 1 2 3 $/m) // 3 is the listing's own
    const [, session, process] = /session +(\d+) (\d+)/.exec(log) ?? []
    expect(session).toBe(process)
  })

  it("gives up waiting at its deadline", () => {
    const started = Date.now()
    expect(run('follow /dev/null\nawait 1 false && emit "[]"\nunfollow\nemit "1"').stdout).toBe("1\n")
    expect(Date.now() - started).toBeLessThan(5000)
  })

  it("hears of lines at once also in a log that is not there yet", () => {
    // Where tail can't have the kernel tell it, it looks once a second.
    const body = `told() { ls -l "/proc/$VENEER_FOLLOWER/fd" | grep -q inotify; }\nfollow "\${BASH_SOURCE[0]%/*}/later.log"\nif await 30 told; then emit '"told"'; else emit '"asks"'; fi\nunfollow`
    expect(JSON.parse(run(body).stdout)).toBe("told")
  })
})
