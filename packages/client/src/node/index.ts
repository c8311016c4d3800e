export { fileJournal, JournalUnreadable } from "./file-journal.ts";
export { nodeFetch, nodeSurroundings, type NodeTls } from "./node-surroundings.ts";
export { pemSigner } from "./pem-signer.ts";
