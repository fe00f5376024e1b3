import { Type } from "@veneer/sdk"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const none = Type.Object({})
const nothing = () => ({})

/** A plugin with nothing wrong, of which each case changes one thing. */
export const sound = {
  id: "files", name: "Files", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged",
  schemas: { repository: named, sourceConfig: named, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
  discovery: { repositories: () => [], sourceConfigs: () => [] },
  linked: { mountSpecification: nothing, postSnapshot: nothing },
  virtual: { mountSpecification: nothing, configure: nothing, reconfigure: nothing, postSnapshot: nothing },
}
