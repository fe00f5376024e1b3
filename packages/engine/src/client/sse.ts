import type { FetchResponse } from "./transport.ts"

/** One server-sent event. */
export interface ServerEvent {
  event: string
  id: string | undefined
  data: string
}

/** The events of an answer, until it ends or breaks off (WHATWG HTML, section 9.2.6). */
export async function* eventsOf(response: FetchResponse): AsyncGenerator<ServerEvent> {
  const reader = response.body?.getReader()
  if (!reader) return
  const decoder = new TextDecoder()
  let rest = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true })
      const blocks = rest.split("\n\n")
      rest = blocks.pop() ?? ""
      for (const block of blocks) {
        const event = eventOf(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>()
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":")
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""))
  }
  const data = fields.get("data")
  return data === undefined ? undefined : { event: fields.get("event") ?? "message", id: fields.get("id"), data }
}
