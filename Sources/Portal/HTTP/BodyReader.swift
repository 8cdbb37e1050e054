import Hummingbird
import Kernel
import NIOCore

/// Takes in the body of a request within the limits of its route.
struct BodyReader {
    /// What arrived.
    struct Received {
        var bytes: [UInt8] = []
        var form = FormBody()
    }

    /// Bytes of a file that are kept in memory before it goes to the spool.
    static let memoryLimit = 256 << 10

    let limits: BodyLimits
    let takesJSON: Bool
    let deadline: ContinuousClock.Instant
    let spool: Spool

    func read(_ request: Request) async throws -> Received {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limits.bytes {
            throw RequestProblem.tooLarge(limit: limits.bytes)
        }
        let given = request.headers[.contentType] ?? ""
        let type = HeaderText(given)
        if let charset = type?.parameters["charset"], HeaderText.lowercased(charset) != "utf-8" {
            throw RequestProblem.unsupported(type: given)
        }
        switch type?.value ?? "" {
        case "application/x-www-form-urlencoded" where !takesJSON:
            return Received(form: try urlEncoded(try await collect(request.body)))
        case "multipart/form-data" where !takesJSON || limits.files > 0:
            guard let boundary = type?.parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
                throw RequestProblem.badMultipart(Bilingual("没有分隔符", "there is no boundary"))
            }
            return Received(form: try await multipart(request.body, boundary))
        case let value where takesJSON && (value == "application/json" || value.hasSuffix("+json")):
            return Received(bytes: try await collect(request.body))
        default:
            // A request without a body needs no type.
            let bytes = try await collect(request.body)
            guard bytes.isEmpty else { throw RequestProblem.unsupported(type: type?.value ?? "") }
            return Received()
        }
    }

    private func collect(_ body: RequestBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in body {
            try check(bytes.count + chunk.readableBytes)
            bytes += chunk.readableBytesView
        }
        return bytes
    }

    private func check(_ count: Int) throws(RequestProblem) {
        guard count <= limits.bytes else { throw .tooLarge(limit: limits.bytes) }
        guard ContinuousClock.now < deadline else { throw .tooSlow }
    }

    private func urlEncoded(_ bytes: [UInt8]) throws(RequestProblem) -> FormBody {
        let fields = try Percent.fields(bytes, limit: limits.fields)
        return FormBody(
            fields: fields.map { FormBody.Field(name: $0.name, value: FormBody.unifyLineEnds($0.value)) })
    }

    private func multipart(_ body: RequestBody, _ boundary: String) async throws -> FormBody {
        var parser = MultipartParser(boundary: boundary)
        var parts = PartCollector(limits: limits, spool: spool)
        var count = 0
        do {
            for try await chunk in body {
                count += chunk.readableBytes
                try check(count)
                for event in try parser.feed(chunk.readableBytesView) { try await parts.take(event) }
            }
            guard parser.isDone else { throw RequestProblem.cutOff }
        } catch {
            await parts.abandon()
            throw error
        }
        return FormBody(fields: parts.fields, files: parts.files)
    }
}

/// Turns the events of a multipart form into fields and files.
private struct PartCollector {
    let limits: BodyLimits
    let spool: Spool
    var fields: [FormBody.Field] = []
    var files: [UploadedFile] = []

    private var head: MultipartParser.Head?
    private var memory: [UInt8] = []
    private var size = 0
    private var file: (descriptor: Int32, path: String)?

    /// Plain fields stay in memory, so all of them together are limited as a form is.
    private static let textLimit = 1 << 20
    private var text = 0

    init(limits: BodyLimits, spool: Spool) {
        self.limits = limits
        self.spool = spool
    }

    mutating func take(_ event: MultipartParser.Event) async throws {
        switch event {
        case .begin(let head):
            guard fields.count + files.count < limits.fields else {
                throw RequestProblem.tooManyFields(limit: limits.fields)
            }
            self.head = head
        case .data(let bytes): try await add(bytes)
        case .end: try await finish()
        }
    }

    private mutating func add(_ bytes: [UInt8]) async throws {
        size += bytes.count
        if head?.fileName == nil {
            text += bytes.count
            guard text <= PartCollector.textLimit else {
                throw RequestProblem.tooLarge(limit: PartCollector.textLimit)
            }
            memory += bytes
        } else if let file {
            try await spool.append(bytes, to: file.descriptor)
        } else {
            guard files.count < limits.files else { throw RequestProblem.tooManyFiles(limit: limits.files) }
            memory += bytes
            if memory.count > BodyReader.memoryLimit {
                let file = try await spool.create()
                self.file = file
                try await spool.append(memory, to: file.descriptor)
                memory = []
            }
        }
    }

    private mutating func finish() async throws {
        guard let head else { return }
        if let fileName = head.fileName {
            let name = UploadedFile.safeName(fileName)
            // A browser sends an empty, nameless file for a field that was left alone.
            if size > 0 || !name.isEmpty {
                guard files.count < limits.files else { throw RequestProblem.tooManyFiles(limit: limits.files) }
                files.append(
                    UploadedFile(
                        field: head.name, name: name, claimedType: head.type, size: size,
                        contents: file.map { .file(path: $0.path) } ?? .memory(memory)))
            }
            if let file { await BlockingFiles.close(file.descriptor) }
        } else {
            guard !memory.contains(0), let value = String(validating: memory, as: UTF8.self) else {
                throw RequestProblem.badEncoding
            }
            fields.append(FormBody.Field(name: head.name, value: FormBody.unifyLineEnds(value)))
        }
        self.head = nil
        file = nil
        memory = []
        size = 0
    }

    /// Closes a file that was being written when the request failed.
    mutating func abandon() async {
        if let file { await BlockingFiles.close(file.descriptor) }
        file = nil
    }
}
