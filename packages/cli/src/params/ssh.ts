import type { Client } from "@veneer/engine/client"
import { ask, canAsk, nextLine } from "../ask.ts"
import { UsageError } from "../errors.ts"
import { wholeFile } from "./text-file.ts"

/** Options that tell how a host over SSH is reached. */
export interface SshOptions {
  ssh?: string
  password?: boolean
  key?: string
  passphrase?: boolean
  agent?: boolean
  credentials?: string
  hostKey?: string
}

type Added = Extract<Parameters<Client["addEnvironment"]>[0]["body"], { kind: "ssh" }>["ssh"]
type Login = Added["login"]

/** What `user@host`, `user@host:port` and `user@[address]:port` name. */
export function sshAddress(text: string): { user: string; host: string; port?: number } {
  const [, user = "", bracketed, plain = "", port] = /^([^@]+)@(?:\[([^\]]+)\]|([^:@]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (user === "") throw new UsageError(`--ssh ${text} names no host.`, "Write it as user@host or user@host:port, an IPv6 address in brackets.")
  return { user, host: bracketed ?? plain, ...(port !== undefined && { port: Number(port) }) }
}

/** How to log in; undefined where no option tells. Secrets are asked for, or read as lines of a standard input that is no terminal. */
export async function sshLogin({ password, key, passphrase, agent, credentials }: SshOptions): Promise<Login | undefined> {
  const ways = [password, key, agent, credentials].filter((way) => way !== undefined)
  if (ways.length > 1) throw new UsageError("There are several ways to log in.", "Give one of --password, --key, --agent and --credentials.")
  if (passphrase !== undefined && key === undefined) throw new UsageError("--passphrase is of a --key.")
  if (password !== undefined) return { type: "password", password: await secret("Password") }
  if (key !== undefined) return { type: "keyPair", privateKey: await wholeFile(key), ...(passphrase !== undefined && { passphrase: await secret("Passphrase of the key") }) }
  if (agent !== undefined) return { type: "agent" }
  return credentials === undefined ? undefined : { type: "reference", reference: credentials }
}

/** What a new environment is reached by. */
export async function sshSettings(options: SshOptions & { ssh: string }): Promise<Added> {
  const address = sshAddress(options.ssh)
  const login = await sshLogin(options)
  if (!login) throw new UsageError("It is not said how to log in.", "Give one of --password, --key, --agent and --credentials.")
  return { ...address, login, ...(options.hostKey !== undefined && { hostKey: options.hostKey }) }
}

const secret = async (what: string): Promise<string> => (canAsk() ? ask(`${what}: `, { hidden: true }) : nextLine(what.toLowerCase()))
