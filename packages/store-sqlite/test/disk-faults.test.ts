import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { JournalFailure, type Journal } from "@micromarket/engine";
import { copyJournal, openSqliteJournal } from "@micromarket/store-sqlite";
import { journalEntries, journalSnapshot } from "@micromarket/testkit";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundleScript } from "./bundle-script.ts";
import { failureOf, inTemporaryFolder, messageOf, temporaryFolder } from "./journal-file.ts";

/** Mounts a small file system at `folder`; `null`, or why it could not. */
function mountSmallDisk(folder: string): string | null {
  const { status, stderr, error } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], {
    encoding: "utf8",
  });
  return status === 0 ? null : firstLine(error?.message ?? stderr.replace(`${folder}: `, ""));
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

function whyNoSmallDisk(): string | null {
  const folder = temporaryFolder();
  const reason = mountSmallDisk(folder.path);
  if (reason === null) spawnSync("umount", [folder.path]);
  folder.remove();
  return reason;
}

function whyNoTracer(): string | null {
  const { status, stderr, error } = spawnSync("strace", ["-e", "trace=fdatasync", "true"], { encoding: "utf8" });
  return status === 0 ? null : firstLine(error?.message ?? stderr);
}

const noTracer = whyNoTracer();
const underTracer = noTracer === null ? test : test.skip;
const tracerRemark =
  noTracer === null
    ? ""
    : ` (skipped, ${noTracer}; run: apt-get install strace && npm run jest -- packages/store-sqlite)`;

const noSmallDisk = whyNoSmallDisk();
const onSmallDisk = noSmallDisk === null ? test : test.skip;
const remark =
  noSmallDisk === null
    ? ""
    : ` (skipped, ${noSmallDisk}; run: sudo npm run jest -- packages/store-sqlite/test/disk-faults)`;

function withSmallDisk(act: (disk: string) => void): void {
  inTemporaryFolder((folder) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(mountSmallDisk(disk)).toBeNull();
    try {
      act(disk);
    } finally {
      spawnSync("umount", [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });
}

function appendUntilFailure(journal: Journal): { readonly acknowledged: number; readonly failure: JournalFailure } {
  let acknowledged = 0;
  const failure = failureOf(() => {
    for (; acknowledged < 1_000_000; acknowledged += 50) journal.append(journalEntries(acknowledged + 1, 50));
  });
  return { acknowledged, failure };
}

/** Runs node with `args` while calls on the files at `paths` fail as `fault` says. */
function underFault(fault: string, paths: readonly string[], args: readonly string[]) {
  const [call = ""] = fault.split(":");
  const files = paths.flatMap((path) => ["-P", path]);
  const strace = ["-f", "-qq", "-o", "/dev/null", ...files, "-e", `trace=${call}`, "-e", `inject=${fault}`];
  const command = 'ulimit -f 40000; exec strace "$@"'; // a process that does not hear of the fault ends at 20 MB
  return spawnSync("sh", ["-c", command, "sh", ...strace, process.execPath, ...args], { encoding: "utf8" });
}

/** The group that failed may be there whole or not at all: the disk was told to write it, and then broke. */
function expectGroupsWhole(path: string, acknowledged: number): void {
  const journal = openSqliteJournal(path);
  const last = journal.last()?.sequence ?? 0;
  expect([acknowledged, acknowledged + 50]).toContain(last);
  expect([...journal.read(1)]).toEqual(journalEntries(1, last));
  journal.append(journalEntries(last + 1, 1));
  journal.close();
}

describe("on a full disk", () => {
  onSmallDisk(`nothing acknowledged is lost, and the journal goes on when there is space again${remark}`, () => {
    withSmallDisk((disk) => {
      const path = join(disk, "journal.db");
      const journal = openSqliteJournal(path);
      const { acknowledged, failure } = appendUntilFailure(journal);
      expect(acknowledged).toBeGreaterThan(0);
      expect(failure.code).toBe("DISK_FULL");
      expect(failure.what).toContain(`cannot append to journal ${path}: the disk is full (SQLITE_FULL`);
      expect(failure.mend).toContain("free some space");
      expect(() => journal.append([])).toThrow(JournalFailure);
      journal.close();

      expect(spawnSync("mount", ["-o", "remount,size=4m", disk]).status).toBe(0);
      expectGroupsWhole(path, acknowledged);
    });
  });

  onSmallDisk(`a snapshot that does not fit leaves the former one${remark}`, () => {
    withSmallDisk((disk) => {
      const path = join(disk, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 2));
      journal.saveSnapshot(journalSnapshot(1));
      const large = journalSnapshot(2, { state: "x".repeat(2_000_000) });
      expect(messageOf(() => journal.saveSnapshot(large))).toContain("the disk is full");
      journal.close();
      const reopened = openSqliteJournal(path);
      expect(reopened.latestSnapshot()).toEqual(journalSnapshot(1));
      expect([...reopened.read(1)]).toEqual(journalEntries(1, 2));
      reopened.close();
    });
  });
});

describe("a copy on a full disk", () => {
  onSmallDisk(`is none, leaves nothing there, and the original as it was${remark}`, async () => {
    const folder = temporaryFolder();
    const disk = join(folder.path, "disk");
    mkdirSync(disk);
    expect(mountSmallDisk(disk)).toBeNull();
    try {
      const path = join(folder.path, "journal.db");
      const journal = openSqliteJournal(path);
      journal.append(journalEntries(1, 10_000));
      const failure: unknown = await copyJournal(path, join(disk, "copy.db")).catch((cause: unknown) => cause);
      expect(failure).toMatchObject({ name: "JournalFailure", code: "DISK_FULL" });
      expect(readdirSync(disk)).toEqual([]);
      journal.append(journalEntries(10_001, 1));
      journal.close();
    } finally {
      spawnSync("umount", [disk]);
      folder.remove();
    }
  });
});

describe("on a read-only file system", () => {
  onSmallDisk(`a journal is refused with the reason${remark}`, () => {
    withSmallDisk((disk) => {
      const path = join(disk, "journal.db");
      openSqliteJournal(path).close();
      expect(spawnSync("mount", ["-o", "remount,ro", disk]).status).toBe(0);
      const refusal = failureOf(() => openSqliteJournal(path));
      expect(refusal.code).toBe("JOURNAL_READ_ONLY");
      expect(refusal.what).toContain(`cannot open journal ${path}: the file system is read-only (EROFS`);
      expect(refusal.mend).toContain("mount it for writing");
    });
  });
});

describe("on a disk that reports an error", () => {
  const scripts = temporaryFolder();
  let script = "";
  beforeAll(() => {
    script = bundleScript(new URL("./fill-disk-script.ts", import.meta.url), scripts.path);
  });
  afterAll(() => scripts.remove());

  // A limit on the file size makes the write itself fail, with EFBIG, at a place of the kernel's choosing.
  test.each([128, 333, 1_000])("after %i blocks nothing acknowledged is lost", (blocks) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const command = `ulimit -f ${blocks}; exec "$0" "$@"`;
      const { stdout, stderr } = spawnSync("sh", ["-c", command, process.execPath, script, path], { encoding: "utf8" });
      expect(stderr).toBe("");
      const { acknowledged, code, message } = JSON.parse(stdout) as {
        acknowledged: number;
        code: string;
        message: string;
      };
      expect(acknowledged).toBeGreaterThan(0);
      expect(code).toBe("DISK_FAILED");
      expect(message).toContain("the disk reported an error (SQLITE_IOERR_WRITE");
      expectGroupsWhole(path, acknowledged);
    });
  });

  underTracer(
    `every group is flushed before it is acknowledged, and a flush that fails stops it${tracerRemark}`,
    () => {
      inTemporaryFolder((folder) => {
        const path = join(folder, "journal.db");
        const trace = join(folder, "trace");
        const inject = ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=30"];
        const strace = ["-f", "-qq", "-o", trace, ...inject, process.execPath, script, path];
        const { stdout } = spawnSync("strace", strace, { encoding: "utf8" });
        const { acknowledged, code, message } = JSON.parse(stdout) as {
          acknowledged: number;
          code: string;
          message: string;
        };
        expect(acknowledged).toBeGreaterThanOrEqual(50);
        expect(code).toBe("DISK_FAILED");
        expect(message).toContain("the disk reported an error (SQLITE_IOERR_FSYNC");
        const flushes = readFileSync(trace, "utf8").match(/ = 0$/gm) ?? [];
        expect(flushes.length).toBeGreaterThanOrEqual(acknowledged / 50);
        expectGroupsWhole(path, acknowledged);
      });
    },
  );

  underTracer.each([1, 2, 3])(`a journal is not founded where flush %i of its files fails${tracerRemark}`, (flush) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const { stderr } = underFault(
        `fsync,fdatasync:error=EIO:when=${flush}`,
        [`${path}-journal`, path],
        [script, path],
      );
      expect(stderr).toContain(`cannot open journal ${path}: the disk reported an error (SQLITE_IOERR_FSYNC`);
      expectGroupsWhole(path, 0);
    });
  });

  underTracer(`an error while the log is carried into the database stops it${tracerRemark}`, () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "journal.db");
      const { stdout } = underFault("fsync,fdatasync:error=EIO:when=2", [path], [script, path]); // the first is of the founding
      const { acknowledged, message } = JSON.parse(stdout) as { acknowledged: number; message: string };
      expect(acknowledged).toBeGreaterThan(1_000);
      expect(message).toContain("the disk reported an error (SQLITE_IOERR_FSYNC");
      expectGroupsWhole(path, acknowledged);
    });
  });
});
