// The engine, off the thread that draws: a large fleet does not stop the typing.

import { check, describe, init } from "seaworthy";

const ready = init({ module: new URL("seaworthy.wasm", self.location.href) }).then(() => {
    const [newest] = check([]).kubernetesVersions;
    self.postMessage({ newest });
});

self.onmessage = async ({ data: { id, files, options } }) => {
    try {
        await ready;
        const start = performance.now();
        const report = check(files, options);
        const took = performance.now() - start;
        self.postMessage({ id, report, fleet: describe(files, options), took });
    } catch (error) {
        self.postMessage({ id, error: error.message });
    }
};
