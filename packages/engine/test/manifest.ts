import { secret, Type } from "@veneer/sdk"
import type { Manifest } from "../src/plugins/port.ts"

/** As the schemas come out of an artifact's manifest. */
const asJson = (schemas: object) => JSON.parse(JSON.stringify(schemas)) as Manifest["schemas"]

/** A plugin as an artifact would describe it, with every kind of field a form can have. */
export const manifest: Manifest = {
  format: 1, id: "toy", name: "Toy", version: "1.0.0", buildNumber: "1", sdk: "^0.1.0", hostTypes: ["unix"], ingestion: "staged", manualSourceConfigs: true,
  schemas: asJson({
    repository: Type.Object({ path: Type.String() }),
    sourceConfig: Type.Object({ path: Type.String(), port: Type.Integer() }),
    linkedSource: Type.Object({
      method: Type.Union([
        Type.Object({ type: Type.Literal("streaming"), user: Type.String(), password: secret({ title: "Password" }), slots: Type.Optional(Type.Integer()) }),
        Type.Object({ type: Type.Literal("copy"), directory: Type.String() }),
      ]),
      verify: Type.Optional(Type.Boolean({ default: true })),
    }),
    virtualSource: Type.Object({
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, title: "Port" })),
      password: Type.Optional(secret({ title: "Password" })),
      settings: Type.Optional(Type.Record(Type.String(), Type.String())),
      tags: Type.Optional(Type.Array(Type.String())),
    }),
    snapshot: Type.Object({ moment: Type.String() }),
    snapshotParameters: Type.Object({ resync: Type.Optional(Type.Boolean()) }),
  }),
  operations: ["discovery.repositories", "virtual.configure"],
  migrations: [{ id: "1.2", kind: "virtualSource" }],
  checksums: {},
}
