import Testing

@testable import Judgement

@Suite("Files of scores")
struct ScoreFileTests {
    private func table(_ text: String) throws -> AffinityTable { try AffinityTable(csv: Array(text.utf8)) }

    @Test(
        "Decimals are read exactly",
        arguments: [
            ("0.25", 25, 2), ("1", 1, 0), ("-12.50", -125, 1), ("2.5e-3", 25, 4), ("1e3", 1000, 0), ("0", 0, 0),
            ("0.8002998459507042", 8_002_998_459_507_042, 16), (".5", 5, 1), ("+7.", 7, 0),
        ])
    func decimals(text: String, digits: Int64, decimals: Int) {
        #expect(Decimal64(text)?.digits == digits && Decimal64(text)?.decimals == decimals)
    }

    @Test(
        "What is no decimal is refused", arguments: ["", ".", "1,5", "0x1", "nan", "1e", "--1", "1234567890123456789"])
    func noDecimals(text: String) { #expect(Decimal64(text) == nil) }

    @Test("Scores keep their unit: what goes in as 0.25 adds up to 0.75")
    func unit() throws {
        let table = try table("application,expert,score,conflict\na,x,0.25,0\na,y,0.5,0\na,z,9,1\n")
        #expect(table.candidates.score == [1, 2] && table.scale.text(3) == "0.75")
        #expect(table.scale.text(-1, dividedBy: 4) == "-0.0625" && table.scale.text(4) == "1")
        #expect(table.experts == ["x", "y", "z"] && table.candidates.count == 2)
    }

    @Test("Every bad line is named at once")
    func badLines() throws {
        let text = "application,expert,score,conflict\na,x,one,0\na,y,1,2\n,y,1,0\na,z\na,w,1,0\na,v,,1\n"
        let refused = #expect(throws: AffinityTable.Refused.self) { try table(text) }
        #expect(refused?.refusals.map(\.line) == [2, 3, 4, 5] && refused?.count == 4)
        let twice = #expect(throws: AffinityTable.Refused.self) {
            try table("application,expert,score,conflict\na,x,1,0\nb,x,1,0\na,x,2,1\n")
        }
        #expect(twice?.refusals.map(\.line) == [4])
        #expect(throws: AffinityTable.Refused.self) { try table("a,b\n1,2\n") }
        #expect(throws: AffinityTable.Refused.self) { try table("application,expert,score,conflict\n") }
    }

    @Test("Quoted names, carriage returns, a mark at the front and other orders of columns are read")
    func forms() throws {
        let table = try table("\u{FEFF}score,expert,application,conflict\r\n1,\"x, \"\"y\"\"\",甲,0\r\n\r\n2,z,甲,0\r\n")
        #expect(table.experts == ["x, \"y\"", "z"] && table.applications == ["甲"])
    }

    @Test("Quotas must be nested or apart, and numbers in range")
    func requests() throws {
        var request = try SmallInstance(seed: 1).request
        request.quotas = [
            Quota("left", experts: [0, 1], scope: .together, seats: 0...3),
            Quota("right", experts: [1, 2], scope: .together, seats: 0...3),
        ]
        #expect(throws: AssignmentError.crossing("left", "right")) { try Assigner.best(request) }
        request.quotas = []
        request.demand = [1]
        #expect(throws: AssignmentError.sizes("demand")) { try Assigner.best(request) }
    }
}
