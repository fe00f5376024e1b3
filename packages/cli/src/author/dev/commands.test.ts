import { Type, secret, union } from "@veneer/sdk"
import { expect, test } from "vitest"
import { nextCommands } from "./commands.ts"

const none = Type.Object({})
/** As the engine has schemas: JSON. */
const plain = (schema: object): Record<string, unknown> => JSON.parse(JSON.stringify(schema))
const commands = (linkedSource: object, virtualSource: object, sources: { id: string }[] = []) =>
  nextCommands({ id: "x", schemas: { repository: {}, sourceConfig: {}, snapshot: {}, snapshotParameters: {}, linkedSource: plain(linkedSource), virtualSource: plain(virtualSource) } }, sources)

test("a plugin that asks nothing is linked and provisioned without parameters", () => {
  expect(commands(none, none, [{ id: "s1" }, { id: "s2" }])).toEqual([
    "veneer source list", "veneer dsource link demo --source s1", "veneer vdb provision demo-1 --from demo", "veneer vdb list", "veneer plugin logs x --follow",
  ])
})

test("what has to be given is named: passwords are asked for, of alternatives the first is taken, and the rest is left open", () => {
  const linked = Type.Object({
    path: Type.String(), maybe: Type.Optional(Type.String()), usual: Type.Integer({ default: 3 }), "odd.name": Type.String(),
    method: union("type", { stream: Type.Object({ host: Type.String(), password: secret() }), copy: Type.Object({ from: Type.String() }) }),
  })
  const virtual = Type.Object({ mode: Type.Union([Type.Literal("fast"), Type.Literal("slow")]) })
  const [, link, provision] = commands(linked, virtual)
  expect(link).toBe(String.raw`veneer dsource link demo --source <id> --param path=… --param odd\.name=… --param method.type=stream --param method.host=… --param method.password=-`)
  expect(provision).toBe("veneer vdb provision demo-1 --from demo --param mode=fast")
})
