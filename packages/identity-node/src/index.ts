export { openKeyFile, type KeyFileRefusal } from "./key-file.ts";
export { sha256ByOpenssl } from "./sha256-by-openssl.ts";
export { verifyByOpenssl } from "./verify-by-openssl.ts";
