/** Another process that opens the journal at its first argument, to "read" or to "write": prints its length or the refusal's code. */
import { JournalFailure } from "@micromarket/engine";
import { openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";

const [path = "", how] = process.argv.slice(2);
try {
  const open = how === "read" ? readSqliteJournal : openSqliteJournal;
  const journal = open(path, { busyTimeoutMs: 0 });
  process.stdout.write(String(journal.last()?.sequence ?? 0));
  journal.close();
} catch (failure) {
  process.stdout.write(failure instanceof JournalFailure ? failure.code : String(failure));
}
