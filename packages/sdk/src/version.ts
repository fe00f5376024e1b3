/** Version of this SDK: what a plugin's artifact asks for, and an engine offers. */
export const SDK_VERSION = "0.1.0"
