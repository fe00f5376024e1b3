import { bundledPackages, isLicensed, licensesText } from "@veneer/sdk/licenses"
import type { Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import type { Layout } from "./layout.ts"

/**
 * The licences of the packages that a plugin's bundle holds text of, as one file to go with it.
 * @returns also a fault for each package that says nothing of a licence
 */
export async function licensesOf({ files }: Bundle, { directory }: Layout): Promise<{ text: string; faults: Fault[] }> {
  const packages = await bundledPackages(files, directory)
  const faults = packages.filter((bundled) => !isLicensed(bundled)).map(({ title }): Fault => ({
    place: "package.json", message: `The bundled package ${title} names no licence.`, mend: "Ask its author for one, or use another package: without a licence it may not be passed on.",
  }))
  return { text: licensesText(packages), faults }
}
