/** Appends to the journal named on the command line until that fails; prints the last acknowledged sequence, then why. */
import { JournalFailure } from "@micromarket/engine";
import { journalEntries } from "@micromarket/testkit";
import { openSqliteJournal } from "@micromarket/store-sqlite";

const journal = openSqliteJournal(process.argv[2] ?? "");
let acknowledged = journal.last()?.sequence ?? 0;
try {
  for (;;) {
    journal.append(journalEntries(acknowledged + 1, 50));
    acknowledged += 50;
  }
} catch (failure) {
  const { code, message } = failure instanceof JournalFailure ? failure : { code: "", message: String(failure) };
  console.log(JSON.stringify({ acknowledged, code, message }));
}
