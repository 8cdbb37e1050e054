import Foundation
import Kernel
import Testing

@Suite("Scanner for harmful files")
struct VirusScannerTests {
    /// A daemon that speaks ClamAV's protocol: it finds the word "harmful", and hangs up at "tear".
    private static let daemon = """
        import os, socket, struct, sys
        server = socket.socket(socket.AF_UNIX)
        server.bind(sys.argv[1] + ".new")
        server.listen()
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        while True:
            link, _ = server.accept()
            command = b""
            while not command.endswith(b"\\0"):
                command += link.recv(1)
            data = b""
            while True:
                head = b""
                while len(head) < 4:
                    head += link.recv(4 - len(head))
                size = struct.unpack(">I", head)[0]
                if size == 0:
                    break
                while size:
                    piece = link.recv(size)
                    size -= len(piece)
                    data += piece
            if command != b"zINSTREAM\\0":
                link.sendall(b"UNKNOWN COMMAND\\0")
            elif b"tear" in data:
                pass
            else:
                link.sendall(b"stream: Test.Harm FOUND\\0" if b"harmful" in data else b"stream: OK\\0")
            link.close()
        """

    @Test("A clean file passes, a harmful one is refused by name, and nothing is taken when the daemon is away")
    func scanning() throws {
        let path = "\(NSTemporaryDirectory())clamd-\(UInt32.random(in: .min ... .max))"
        let program = Process()
        program.executableURL = URL(filePath: "/usr/bin/python3")
        program.arguments = ["-c", Self.daemon, path]
        // It would hold the output of the tests open, and takes no notice of a polite signal.
        program.standardOutput = FileHandle.nullDevice
        program.standardError = FileHandle.nullDevice
        try program.run()
        defer { _ = kill(program.processIdentifier, SIGKILL) }
        for _ in 0..<6_000 where !FileManager.default.fileExists(atPath: path) { usleep(10_000) }
        let scanner = try #require(VirusScanner("unix:\(path)"))
        try scanner.check([])
        try scanner.check([UInt8](repeating: 65, count: 3 << 20))
        let harmful = [UInt8](repeating: 65, count: (1 << 20) - 3) + Array("harmful".utf8)
        #expect(throws: DocumentError.infected("Test.Harm")) { try scanner.check(harmful) }
        #expect(throws: DocumentError.scannerAway) { try scanner.check(Array("tear".utf8)) }
        #expect(throws: DocumentError.scannerAway) { try #require(VirusScanner("unix:/nowhere")).check([1]) }
        #expect(throws: DocumentError.scannerAway) { try #require(VirusScanner("127.0.0.1:1")).check([1]) }
        #expect(VirusScanner("clamd") == nil && VirusScanner("host:port") == nil)
        let folder = "\(path)-files"
        let files = FileStore(folder: folder, scanner: scanner)
        #expect(throws: DocumentError.infected("Test.Harm")) { try files.keep(harmful) }
        #expect(throws: DocumentError.infected("Test.Harm")) {
            try files.keep(harmful, sealedBy: Vault(key: [UInt8](repeating: 1, count: 32)))
        }
        #expect(FileManager.default.enumerator(atPath: folder)?.allObjects.isEmpty ?? true)
        #expect(try files.bytes(of: try files.keep(Array("clean".utf8))) == Array("clean".utf8))
    }
}
