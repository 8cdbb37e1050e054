@testable import Kernel

extension OutsideReader {
    /// What people and programs write: values, texts and identifiers.
    static let texts: [OutsideReader] = [
        OutsideReader(
            "json",
            words: ["{\"", "\":", "[", "null", "true", "false", "\\u0000", "\\ud800", "\\ud83e\\udd8a", "1e5", "0.5"],
            [
                #"{"a":[1,-2,{"b":"x\né\ud83e\udd8a"}],"c":null,"d":true}"#, #"[[[[]]],"",0,9007199254740991]"#,
                #"{"title-zh":"题目","requested":40000000,"budget":{"operations":{"amount":1,"note":null}}}"#,
                #"{"rate":-0.125,"exp":1795000000}"#,
            ], refused: [#"{"a":1,"a":2}"#, #""\u0000""#, #""\ud800""#, "1e999", "[1,]", ""]
        ) { bytes in
            let value = try JSONValue(parsing: bytes, fractions: true)
            try law(
                (try? JSONValue(parsing: value.canonicalBytes, fractions: true)) == value,
                "a value is another once it is written: \(value)")
            if let whole = try? JSONValue(parsing: bytes) { try law(whole == value, "one text has two values") }
        },
        OutsideReader(
            "csv", words: [",", "\"", "\"\"", "\r\n", ",\"", "\"\n"],
            ["a,b\r\n\"x,\"\"y\",2\n", "\u{FEFF}名称,金额\n基金,\"1,000.00\"\n", "\n\n"]
        ) { bytes in
            let rows = CSVText.rows(text(bytes))
            try law(CSVText.rows(written(rows)) == rows, "a table is another once it is written: \(rows)")
        },
        OutsideReader(
            "encodings",
            making: { [Array("付款单号,结果".utf8), [0xB8, 0xB6, 0xBF, 0xEE, 0x2C, 0x81, 0x30, 0x81, 0x30], []] }
        ) { bytes in
            if let plain = TextEncoding.utf8.decode(bytes) { try law(Array(plain.utf8) == bytes, "UTF-8 is changed") }
            let read = try taken(FilledTable.text(bytes))
            try law(!read.utf8.contains(0), "a zero byte is left")
        },
        OutsideReader(
            "money", longest: 200, words: ["¥", "￥", "RMB", "CNY", "元", "万", "亿", "万元", ".", ",", "，", "０"],
            ["1,234.56", "１２３万元", "12.5亿", "￥1,000", "1000000000000000"],
            refused: ["1,5", "0.001", "1.", "-1", "92233720368547758.08", "1000000000000000.01"]
        ) { bytes in
            let money = try Money(parsing: text(bytes))
            try law(money >= .zero && money <= .largest, "a sum out of bounds was taken")
            try law((try? Money(parsing: money.yuanText)) == money, "a sum is another once it is written")
        },
        OutsideReader(
            "numbers", longest: 200,
            words: ["-", ".", "/", "年", "月", "日", " working days", " calendar days", " months"],
            ["-12.50", "2026-03-02", "2026/3/2", "2026年3月2日", "5 working days", "1 years", "999999999999999"],
            refused: ["1e5", "2026-02-29", ".5", "-1 months"]
        ) { bytes in
            let typed = text(bytes)
            let number = DecimalNumber(typed)
            if let number { try law(DecimalNumber(number.description) == number, "a number is another once written") }
            let day = Day(typed) ?? FilledTable.day(typed)
            if let day { try law(Day(day.description) == day, "a day is another once it is written") }
            guard number != nil || day != nil || Period(typed) != nil else { throw Refusal() }
        },
        OutsideReader(
            "identifiers", longest: 400, words: ["X", "<", "P<", "https://orcid.org/", "-", "９", "ß"],
            [
                "91350100M000100Y43", "11010519491231002X", "0000-0002-1825-0097",
                "https://orcid.org/0000-0002-1825-0097",
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
            ], refused: ["91350100M000100Y44", "110105194912310021", "0000-0002-1825-0098"]
        ) { bytes in
            let typed = text(bytes)
            let today = Day(number: 20_500)
            let passport = try? Passport(parsing: typed, on: today)
            if let passport { try law(passport.birth <= today, "somebody is born tomorrow") }
            let codes: [(read: (String) -> String?, what: String)] = [
                ({ (try? USCC(parsing: $0))?.text }, "credit code"), ({ (try? ORCID(parsing: $0))?.text }, "ORCID iD"),
                ({ (try? ResidentID(parsing: $0))?.text }, "identity number"),
                ({ (try? ForeignPermanentResidentID(parsing: $0))?.text }, "permanent resident's number"),
            ]
            var isRead = passport != nil
            for (read, what) in codes {
                guard let code = read(typed) else { continue }
                try law(read(code) == code, "the \(what) \(code) is another once it is written")
                isRead = true
            }
            guard isRead else { throw Refusal() }
        },
    ]

    /// A table as CSV with every cell in quotes.
    private static func written(_ rows: [[String]]) -> String {
        rows.map { row in
            row.map { cell in
                // By scalars: a quote with an accent is one character, and a quote all the same.
                "\"\(cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\""
            }.joined(separator: ",") + "\n"
        }.joined()
    }
}
