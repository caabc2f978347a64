import Testing

@testable import Log

@Suite struct RecoveryDecisionTests {
    struct Case: Hashable {
        let finding: RecoveryFinding
        let place: RecoveryPlace
        let isDurable: Bool
    }

    static let table: [Case: RecoveryDecision] = [
        Case(finding: .end, place: .earlierFile, isDurable: false): .keep,
        Case(finding: .end, place: .earlierFile, isDurable: true): .keep,
        Case(finding: .end, place: .beginningOfLastFile, isDurable: false): .keep,
        Case(finding: .end, place: .beginningOfLastFile, isDurable: true): .keep,
        Case(finding: .end, place: .entriesOfLastFile, isDurable: false): .keep,
        Case(finding: .end, place: .entriesOfLastFile, isDurable: true): .refuseCorruption,
        Case(finding: .damage, place: .earlierFile, isDurable: false): .refuseCorruption,
        Case(finding: .damage, place: .earlierFile, isDurable: true): .refuseCorruption,
        Case(finding: .damage, place: .beginningOfLastFile, isDurable: false): .removeFile,
        Case(finding: .damage, place: .beginningOfLastFile, isDurable: true): .refuseCorruption,
        Case(finding: .damage, place: .entriesOfLastFile, isDurable: false): .cutOff,
        Case(finding: .damage, place: .entriesOfLastFile, isDurable: true): .refuseCorruption,
        Case(finding: .contradiction, place: .earlierFile, isDurable: false): .refuseCorruption,
        Case(finding: .contradiction, place: .earlierFile, isDurable: true): .refuseCorruption,
        Case(finding: .contradiction, place: .beginningOfLastFile, isDurable: false): .refuseCorruption,
        Case(finding: .contradiction, place: .beginningOfLastFile, isDurable: true): .refuseCorruption,
        Case(finding: .contradiction, place: .entriesOfLastFile, isDurable: false): .refuseCorruption,
        Case(finding: .contradiction, place: .entriesOfLastFile, isDurable: true): .refuseCorruption,
        Case(finding: .newerVersion, place: .earlierFile, isDurable: false): .refuseNewerVersion,
        Case(finding: .newerVersion, place: .earlierFile, isDurable: true): .refuseNewerVersion,
        Case(finding: .newerVersion, place: .beginningOfLastFile, isDurable: false): .refuseNewerVersion,
        Case(finding: .newerVersion, place: .beginningOfLastFile, isDurable: true): .refuseNewerVersion,
        Case(finding: .newerVersion, place: .entriesOfLastFile, isDurable: false): .refuseNewerVersion,
        Case(finding: .newerVersion, place: .entriesOfLastFile, isDurable: true): .refuseNewerVersion,
    ]

    @Test("every combination of finding, place and mark has its decision")
    func exhaustive() {
        for finding in RecoveryFinding.allCases {
            for place in RecoveryPlace.allCases {
                for isDurable in [false, true] {
                    let expected = Self.table[Case(finding: finding, place: place, isDurable: isDurable)]
                    #expect(RecoveryDecision(finding, in: place, isDurable: isDurable) == expected)
                }
            }
        }
    }
}
