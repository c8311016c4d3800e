export { openKeyFile, type KeyFileRefusal } from "./key-file.ts";
export { verifyByOpenssl } from "./verify-by-openssl.ts";
