import { createClient, type Client } from "@veneer/engine/client"
import { createFetch } from "./connection/fetch.ts"
import { locate, type ConnectionOptions } from "./connection/locate.ts"
import { Output, type OutputOptions } from "./output.ts"

/** Options that every command takes. */
export interface SharedOptions extends ConnectionOptions, OutputOptions {
  /** Show the log lines of jobs. */
  verbose?: boolean | undefined
  /** False with --no-wait. */
  wait?: boolean | undefined
  /** Don't ask before deleting. */
  yes?: boolean | undefined
}

/** One run of a command: the engine it speaks to and where it writes. */
export class Session<O extends object = object> {
  readonly options: O & SharedOptions
  readonly output: Output
  #client: Promise<Client> | undefined

  constructor(options: O & SharedOptions) {
    this.options = options
    this.output = new Output(options)
  }

  /** The engine, found at the first use. */
  client(): Promise<Client> {
    this.#client ??= locate(this.options).then(({ url, token, socket }) => createClient({ url, token, fetch: createFetch(socket) }))
    return this.#client
  }
}

/** Every page of a collection. */
export async function everything<T>(list: (page: { limit: number; after?: string }) => Promise<{ items: T[]; next?: string }>): Promise<T[]> {
  const items: T[] = []
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: 200, ...(after !== undefined && { after }) })
    items.push(...page.items)
    if (page.next === undefined) return items
    after = page.next
  }
}
