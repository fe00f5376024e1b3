import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Which files take longest, longest first. Begun last, one of them would run on alone. */
const LONGEST = [/\/test\/crash-[^/]+$/, /\/postgres\/test\/suite\.test\.ts$/, /\/test\/(?:main-path|faults[^/]*|isolation|hostile-names)\.test\.ts$/, /\/test\/[^/]+\.test\.ts$/]

const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONGEST.findIndex((pattern) => pattern.test(moduleId))
  return found < 0 ? LONGEST.length : found
}

/** Begins with the longest files, whatever their project, so that all workers are busy to the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
