@testable import Kernel
@testable import Portal

extension OutsideReader {
    /// What browsers and programs send: addresses, headers, bodies.
    static let web: [OutsideReader] = [
        OutsideReader(
            "addresses", words: ["/", "?", "&", "%2F", "%2e", "..", "//", "?tab="],
            ["/cases/0190aaaa-0000-7000-8000-000000000001?tab=files&q=%E5%9F%BA", "/a%20b/c?x=1+2&x=3", "/", "/a/"],
            refused: ["/a/../b", "/a/%2e%2e/b", "/a%2Fb", "/%00", "a"]
        ) { bytes in
            let target = try RequestTarget(text(bytes))
            try law(!target.segments.contains { [".", "..", ""].contains($0) }, "a dot segment was taken")
            let isPlain = target.segments.allSatisfy { segment in
                segment.unicodeScalars.allSatisfy { $0 != "/" && $0.value >= 0x20 && $0.value != 0x7F }
            }
            try law(isPlain, "a segment holds a slash or a control character")
        },
        OutsideReader(
            "links", words: ["https://", "http://", "mailto:", "javascript:", "localhost", "[::1]", "@", "#", "//"],
            ["/calls?page=2", "#field", "notices/12", "https://id.example.cn/token", "http://127.0.0.1:8080/"],
            refused: ["//evil.example", "javascript:alert(1)", "\\\\evil.example", "JaVaScRiPt:0"]
        ) { bytes in
            let address = text(bytes)
            if let isPlain = OutsideRequest.isPlain(address) {
                let scheme = isPlain ? "http:" : "https:"
                try law(address.lowercased().hasPrefix(scheme), "an address of another scheme is asked")
            }
            let safe = try taken(SafeURL(checking: address))
            try law(!safe.text.lowercased().hasPrefix("javascript:"), "an address runs script")
        },
        OutsideReader(
            "forms", words: ["&", "=", "+", "%26", "%3D", "%0D%0A"],
            ["login=a&password=b%26c&x=1+2", "a=&b=&=c&d", "text=a%0D%0Ab%0Dc"], refused: ["a=%", "a=%ff", "a=%00"]
        ) { bytes in
            let fields = try Percent.fields(bytes, limit: 50)
            let sent = fields.map { "\(Percent.encode($0.name))=\(Percent.encode($0.value))" }.joined(separator: "&")
            let again = try? Percent.fields(Array(sent.utf8), limit: 50)
            try law(again == fields, "a form reads differently once it is written again: \(fields)")
            let lines = fields.map { FormBody.unifyLineEnds($0.value) }
            try law(!lines.contains { $0.utf8.contains(0x0D) }, "a carriage return is left")
        },
        OutsideReader(
            "answers", longest: 8_192,
            words: FormField.Kind.allCases.flatMap { ["&\($0.rawValue)=", "yes", "table.0.", "budget.a."] },
            [
                """
                text=%E9%A2%98%E7%9B%AE&longText=a%0D%0Ab&number=12&money=30%E4%B8%87%E5%85%83&day=2026-03-02&choice=a\
                &choices=a&choices=b&yesNo=yes&mail=a%40b.cn&telephone=0755-88881234&orcid=0000-0002-1825-0097\
                &uscc=91350100M000100Y43&table.0.text=x&table.0.money=1.5&budget.a.amount=100000&budget.a.note=n\
                &budget.b.amount=200000
                """, "",
            ]
        ) { bytes in
            let fields = try Percent.fields(bytes, limit: 500)
            let values = Dictionary(grouping: fields, by: \.name).mapValues { $0.map(\.value) }
            let answers = form.read(section: nil, from: { values[$0] ?? [] })
            try law(
                (try? JSONValue(parsing: answers.canonicalBytes)) == answers, "answers are kept as others: \(answers)")
            try law(answers.isCountable, "the numbers of a form cannot be added up: \(answers)")
            for problem in form.problems(answers, complete: true) {
                try law(!problem.field.isEmpty && !problem.message.zh.isEmpty, "a problem without a place or words")
            }
        },
        OutsideReader(
            "bodies", words: ["{\"", "\":", "[", "9007199254740991", "1000000000000000000", "null"],
            [#"{"exclusions":[{"heading":"equipment","amount":100000000000000000}],"total":5}"#, "[]"],
            refused: [
                #"{"exclusions":[{"amount":9223372036854775807},{"amount":1}]}"#, "[-9223372036854775808]",
                #"{"rate":0.5}"#, "",
            ]
        ) { bytes in
            var total: Int64 = 0
            for number in numbers(try Visit(body: bytes, now: Instant(microseconds: 0)).json()) {
                let (sum, isOver) = total.addingReportingOverflow(Int64(clamping: number.magnitude))
                try law(!isOver, "the numbers of a body cannot be added up")
                total = sum
            }
        },
        OutsideReader(
            "headers", words: ["; name=\"", "; filename=\"", "filename*=UTF-8''", "charset=", "%22", "\\\"", "../"],
            ["text/html; charset=\"utf-8\"; a=b", "form-data; name=\"f\"; filename*=UTF-8''%E5%9F%BA.pdf"]
        ) { bytes in
            let header = try taken(HeaderText(text(bytes)))
            let name = UploadedFile.safeName(header.parameters["filename"] ?? header.value)
            try law(!name.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 }, "a file is a path")
            try law(UploadedFile.safeName(name) == name && name.count <= 200, "a harmless name has another: \(name)")
        },
        OutsideReader(
            "cookies", words: ["kc_session=", "kc_language=", "__Host-", "; "],
            ["kc_session=abc; kc_language=zh; x", "a=b;;c=d=e; kc_session=A-z_0.9"], refused: ["kc_session=a b", "x=y"]
        ) { bytes in
            let token = try taken(CookieJar([text(bytes)], secure: false)[CookieJar.session])
            try law(CookieJar.isToken(token), "a cookie of another kind was taken")
        },
        OutsideReader(
            "languages", words: ["zh", "en", ";q=", "0.8", ", ", "*"],
            ["zh-CN,zh;q=0.9,en;q=0.8", "fr, en-GB;q=0.001"], refused: ["fr", "en;q=0", ""]
        ) { bytes in
            _ = try taken(LanguageChoice.preferred(text(bytes)))
        },
        OutsideReader(
            "cursors",
            making: {
                [Cursor([.string("2026-03-02"), .integer(7)]), Cursor([.null, .string("题目")])].map {
                    Array($0.text.utf8)
                }
            }, refused: ["", "W10", "bnVsbA"]
        ) { bytes in
            let cursor = try Cursor(parsing: text(bytes), count: 2)
            try law((try? Cursor(parsing: cursor.text, count: 2)) == cursor, "a cursor leads to another place")
        },
        OutsideReader(
            "multipart",
            words: [
                "\r\n--XX\r\n", "\r\n--XX--\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=", "; filename=",
                "Content-Type: ",
            ],
            [
                "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--X\r\n--XX--\r\n"
            ], refused: ["--XX\r\nA: b\r\n\r\n", "--XXxy"]
        ) { bytes in
            let whole = try events(bytes, pieces: max(1, bytes.count))
            for pieces in [1, 7] {
                let parts = try? events(bytes, pieces: pieces)
                try law(parts == whole, "a form reads differently in pieces of \(pieces)")
            }
        },
    ]

    /// A form with a field of every kind.
    private static let form: Form = {
        let options = [FormOption("a", Bilingual("甲", "A")), FormOption("b", Bilingual("乙", "B"))]
        let columns = [FormField.Kind.text, .number, .money, .day, .choice, .orcid, .uscc].map { kind in
            FormField(name: kind.rawValue, label: Bilingual("列", "Column"), kind: kind, options: options)
        }
        let fields = FormField.Kind.allCases.map { kind in
            FormField(
                name: kind.rawValue, label: Bilingual("栏", "Field"), kind: kind, atMost: 10, options: options,
                columns: columns, caps: ["a": 300], equals: "money")
        }
        return Form(sections: [FormSection(name: "all", title: Bilingual("全部", "All"), fields: fields)])
    }()

    private static func numbers(_ value: JSONValue) -> [Int64] {
        switch value {
        case .integer(let number): [number]
        case .array(let elements): elements.flatMap(numbers)
        case .object(let members): members.values.flatMap(numbers)
        default: []
        }
    }

    /// What a form with files says when it arrives in pieces of so many bytes.
    private static func events(_ bytes: [UInt8], pieces: Int) throws -> [MultipartParser.Event] {
        var parser = MultipartParser(boundary: "XX")
        var events: [MultipartParser.Event] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            for event in try parser.feed(bytes[start..<min(bytes.count, start + pieces)]) {
                // Data may be cut in other places, so neighbours are joined.
                if case .data(let more) = event, case .data(let before)? = events.last {
                    events[events.count - 1] = .data(before + more)
                } else {
                    events.append(event)
                }
            }
        }
        return events
    }
}
