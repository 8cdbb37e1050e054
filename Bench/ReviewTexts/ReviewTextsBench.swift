@main
struct ReviewTextsBench {
    static func main() {}
}
