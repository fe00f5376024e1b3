import { credentials, reference, secret, Type, union } from "@veneer/sdk"
import { expect, it } from "vitest"
import { formPreview } from "./preview.ts"

const plain = (schema: object) => JSON.parse(JSON.stringify(schema))

it("shows every field as a form would, in order, with what may be entered", () => {
  const schema = Type.Object({
    port: Type.Optional(Type.Integer({ title: "Port", minimum: 1, maximum: 65535, hiddenWhen: { verify: false } })),
    host: reference("environment", { title: "Host", description: "Where it runs." }),
    verify: Type.Boolean({ default: true }),
    mode: Type.Union([Type.Literal("fast", { title: "Fast" }), Type.Literal("safe")], { title: "Mode", default: "safe" }),
    tags: Type.Optional(Type.Array(Type.String())),
    settings: Type.Optional(Type.Record(Type.String(), Type.String())),
    users: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
    advanced: Type.Optional(Type.Object({ directory: Type.String({ format: "unixpath", prettyName: "Directory" }) }, { title: "Advanced" })),
  }, { title: "A dSource", ordering: ["host", "mode"] })
  expect(formPreview(plain(schema))).toBe(`A dSource
  Host *    environment  – Where it runs.
  Mode      Fast | safe  [safe]
  Port      number, 1 to 65535  hidden while verify is false
  verify    yes or no  [true]
  tags      list of text
  settings  names and values
  users     list of forms
  Advanced
    Directory *  absolute path`)
})

it("shows each branch of a union below its title", () => {
  const schema = Type.Object({
    method: union("type", { copy: Type.Object({}, { title: "Copy" }), backup: Type.Object({ directory: Type.String() }, { title: "From a backup", description: "Needs one." }) }, { title: "Method" }),
    login: Type.Optional(credentials({ title: "Login", kinds: ["keyPair", "reference"] })),
    password: Type.Optional(secret()),
  })
  expect(formPreview(plain(schema))).toBe(`  Method *
    ( ) Copy
    ( ) From a backup  – Needs one.
        directory *  text
  Login
    ( ) Key pair
        User name                      text
        Private key *                  secret, 10 lines  – In PEM or OpenSSH form.
        Public key                     text, 3 lines
        Passphrase of the private key  secret
    ( ) Secret store
        Reference *  text  – The name under which a secret store keeps it.
  password  secret`)
})

it("ends where a schema contains itself, and says where there is nothing to ask", () => {
  expect(formPreview({ type: "object", properties: { below: { $ref: "#" } } }).split("\n")).toHaveLength(7)
  expect(formPreview({ type: "object", properties: {} })).toBe("  Nothing is asked.")
})
