import { newId } from "../../catalog/ids.ts"
import { deleteToken, insertToken, listTokens, type TokenRecord } from "../../catalog/tokens.ts"
import { EngineError } from "../../errors.ts"
import { hashToken, newToken } from "../auth.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { pageOfAll } from "../paging.ts"
import { found } from "./found.ts"

export function engineHandlers({ engine, verbs, about }: ApiContext): Handlers<"showEngine" | "examine" | "mend" | "listTokens" | "createToken" | "revokeToken"> {
  const { catalog, mountRoot } = engine
  return {
    showEngine: async () => ({
      id: about.id, version: about.version, startedAt: about.startedAt.toISOString(), mountRoot, warnings: [...about.warnings],
    }),
    examine: async () => ({ items: await verbs.examine() }),
    mend: async () => ({ items: await verbs.mend() }),
    listTokens: async ({ query }) => {
      const { items, ...rest } = pageOfAll(await listTokens(catalog), query, ({ id }) => id)
      return { ...rest, items: items.map(tokenView) }
    },
    createToken: async ({ body: { name } }) => {
      const token = newToken()
      const made = await insertToken(catalog, { id: newId(), name, hash: hashToken(token) })
      if (!made) throw new EngineError("name_taken", `There is a token "${name}" already.`, { action: "Choose another name, or revoke that token first." })
      return { ...tokenView(made), token }
    },
    revokeToken: async ({ params: { id } }) => {
      found((await deleteToken(catalog, id)) || undefined, "token", id)
      return undefined
    },
  }
}

const tokenView = ({ id, name, createdAt }: TokenRecord) => ({ id, name, createdAt: createdAt.toISOString() })
