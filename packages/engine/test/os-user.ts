import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** An ordinary OS user of a test's own, with a home that it can't write. */
export interface OsUser {
  readonly name: string
  readonly password: string
  readonly home: string
  /** Its login shell from now on. */
  shell(path: string): void
  /** What every shell of bash's reads that sshd starts. */
  bashrc(text: string): void
  /** Lets it become another user, as sudoers has it; nothing takes that away. */
  sudoers(line: string | undefined): void
  remove(): void
}

/** Makes one; its name is of the test's process. */
export function makeOsUser(folder: string): OsUser {
  const name = `veneer-t${process.pid}`
  const [password, home, rule] = ["pass word 'ä\"$", join(folder, "home"), `/etc/sudoers.d/${name}`]
  mkdirSync(home, { recursive: true, mode: 0o755 })
  execFileSync("useradd", ["--no-create-home", "--home-dir", home, "--shell", "/bin/bash", name])
  execFileSync("chpasswd", { input: `${name}:${password}\n` })
  const user: OsUser = {
    name, password, home,
    shell: (path) => void execFileSync("usermod", ["--shell", path, name]),
    bashrc: (text) => writeFileSync(join(home, ".bashrc"), text),
    sudoers: (line) => (line === undefined ? rmSync(rule, { force: true }) : writeFileSync(rule, `${name} ${line}\n`, { mode: 0o440 })),
    remove: () => {
      rmSync(rule, { force: true })
      execFileSync("userdel", ["--force", name], { stdio: "ignore" })
    },
  }
  return user
}
