import { Secret } from "@veneer/sdk"
import { createRedactor, type Redactor } from "@veneer/sdk/contract"
import type { TestHost } from "../hosts/host.ts"
import type { Request } from "../operation/operation.ts"
import { nameOf } from "./fault.ts"
import { read, type Newcomers } from "../hosts/local/processes.ts"

/** Shorter ones turn up by chance. */
const SHORTEST = 6
const LOOK_MS = 25

/** Watches for secrets where none may be: logs, errors, arguments and the environment of processes. */
export class SecretWatch {
  /** Every place a secret was seen, each once. */
  readonly leaks = new Set<string>()
  readonly #texts = new Set<string>()
  readonly #inner = createRedactor()
  readonly #isHere: boolean
  readonly #newcomers: Newcomers
  #doing = "?"
  #exported = 0

  constructor({ isHere }: Pick<TestHost, "isHere">, newcomers: Newcomers) {
    this.#isHere = isHere
    this.#newcomers = newcomers
  }

  /** Takes secrets out of texts, and notes that they were there. */
  readonly redactor: Redactor = {
    add: (value) => this.#add(value),
    text: (text) => {
      const safe = this.#inner.text(text)
      if (safe !== text) this.leaks.add(`${this.#doing} wrote a secret: ${safe.slice(0, 200)}`)
      return safe
    },
  }

  /** What is going on, for messages. */
  during(operation: string): void {
    this.#doing = operation
  }

  /** What a handler asks for may not put a secret into arguments or the environment of programs. */
  request(request: Request): void {
    const { method, params: { argv, command, values, variables } } = request
    const at = (what: string) => this.leaks.add(`${nameOf(request).replaceAll(this.#pattern(), "[secret]")} ${what}`)
    if (method === "exec" && this.#holds(argv)) at("has a secret among its arguments, which every process listing shows.")
    if (method === "bash" && this.#holds(command)) at("has a secret in its text, and so among the arguments of what it runs.")
    if (this.#holdsPlainly(values) || this.#holdsPlainly(variables)) at("hands over a secret as a plain text, and so in the environment of every program it starts: declare the variable as a secret.")
  }

  /** Does something on the host while its processes are looked at. */
  async watching<T>({ operation, params: { variables } }: Request, go: () => Promise<T>): Promise<T> {
    if (!this.#isHere) return go()
    // An inline command has no other way to a secret than its environment.
    const exports = typeof variables === "object" && variables !== null && Object.values(variables).some((value) => value instanceof Secret)
    if (exports) this.#exported += 1
    const timer = setInterval(() => this.look(operation), LOOK_MS)
    try {
      return await go()
    } finally {
      clearInterval(timer)
      if (exports) this.#exported -= 1
    }
  }

  /** Looks at all processes there are. */
  look(during: string): void {
    if (this.#texts.size === 0) return
    const checkEnvironment = this.#exported === 0
    for (const pid of this.#newcomers.pids()) {
      const command = read(pid, "cmdline")
      const found = (where: string) => this.leaks.add(`During ${during} a secret stood ${where} of a process: ${command.replaceAll(this.#pattern(), "[secret]").slice(0, 200)}`)
      if (this.#holds(command)) found("among the arguments")
      if (checkEnvironment && this.#holds(read(pid, "environ"))) found("in the environment")
    }
  }

  #add(value: unknown): void {
    if (value instanceof Secret) {
      const text = value.reveal()
      if (text.length < SHORTEST) return
      this.#texts.add(text)
      this.#inner.add(value)
    } else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) this.#add(item)
  }

  #holds(value: unknown): boolean {
    if (typeof value === "string") return [...this.#texts].some((text) => value.includes(text))
    return Array.isArray(value) && value.some((item) => this.#holds(item))
  }

  #holdsPlainly(values: unknown): boolean {
    return typeof values === "object" && values !== null && Object.values(values).some((value) => this.#holds(value))
  }

  #pattern(): RegExp {
    return new RegExp([...this.#texts].map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|") || "(?!)", "g")
  }
}
