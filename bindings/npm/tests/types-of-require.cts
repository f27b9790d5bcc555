// Compiled, never run: the types for who requires the package.

import seaworthy = require("seaworthy");

export const errors: number = seaworthy.check([{ name: "web.yaml", text: "" }]).summary.errors;
