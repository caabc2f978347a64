import BinlogFiles
import BinlogInput
import Common
import Foundation
import Testing

@testable import flashback

@Suite struct RoundTripTests {
    @Test("what is undone is each transaction, statement and row from the last to the first, the other way round", arguments: Corpus.files)
    func once(file: Corpus.File) throws {
        let folder = try TemporaryFolder()
        try Self.undo(file, in: folder, to: "undo")
        let original = try RowChanges.read(file.path(folder), excluding: file.excluded).transactions
        let undone = try RowChanges.read(folder.path("undo")).transactions
        #expect(undone == original.reversed().map { $0.reversed().map { $0.reversed().map(\.reversed) } })
        #expect(!undone.isEmpty)
    }

    @Test("what undoes the undoing is the row changes themselves", arguments: Corpus.files)
    func twice(file: Corpus.File) throws {
        let folder = try TemporaryFolder()
        try Self.undo(file, in: folder, to: "undo")
        try Undo(output: .binlog).undo([folder.path("undo")], to: folder.path("redo"))
        let original = try RowChanges.read(file.path(folder), excluding: file.excluded).transactions
        #expect(try RowChanges.read(folder.path("redo")).transactions == original)
    }

    @Test("where inputs are cut into blocks, and whether payloads are kept in memory, changes nothing", arguments: Corpus.files)
    func blocks(file: Corpus.File) throws {
        let folder = try TemporaryFolder()
        try Self.undo(file, in: folder, to: "whole")
        for blockBytes in [1, 200, 1000] {
            try Self.undo(file, in: folder, blockBytes: blockBytes, maxMemory: blockBytes, to: "cut")
            #expect(try folder.bytes("cut") == folder.bytes("whole"))
        }
    }

    @Test("files are undone from the last to the first")
    func several() throws {
        let folder = try TemporaryFolder()
        let files = Corpus.files.filter { ["kingbus-5.7.23-gtid.000012", "kingbus-5.7.23-gtid.000013"].contains($0.name) }
        try Undo.rowsOnly.undo(files.map { try $0.path(folder) }, to: folder.path("undo"))
        let original = try files.flatMap { try RowChanges.read($0.path(folder)).transactions }
        let undone = try RowChanges.read(folder.path("undo")).transactions
        #expect(undone == original.reversed().map { $0.reversed().map { $0.reversed().map(\.reversed) } })
    }

    /// Undoes what rows of a file can be undone.
    private static func undo(
        _ file: Corpus.File, in folder: TemporaryFolder, blockBytes: Int = BlockList.defaultBlockBytes, maxMemory: Int = 1 << 20,
        to name: String
    ) throws {
        var undo = Undo.rowsOnly
        undo.blockBytes = blockBytes
        undo.maxMemory = maxMemory
        undo.transactions.excluded = try file.excluded
        try undo.undo([file.path(folder)], to: folder.path(name))
    }
}
