import Testing

@testable import kingbus_node

@Suite struct MetricsWriterTests {
    @Test func `samples of one name stand together under one head`() {
        var metrics = MetricsWriter()
        metrics.gauge("a", "First.", labels: ["node": "n1"], 1)
        metrics.counter("b_total", "Second.", 2)
        metrics.gauge("a", "First.", labels: ["node": "n2", "disk": "/"], 3)
        #expect(
            metrics.text == """
                # HELP a First.
                # TYPE a gauge
                a{node="n1"} 1
                a{node="n2",disk="/"} 3
                # HELP b_total Second.
                # TYPE b_total counter
                b_total 2

                """)
    }

    @Test func `text is escaped so that no value can end its line`() {
        var metrics = MetricsWriter()
        metrics.gauge("a", "back\\slash\nline \"quoted\"", labels: ["user": "x\\\"\ny"], 1)
        #expect(metrics.text == "# HELP a back\\\\slash\\nline \"quoted\"\n# TYPE a gauge\na{user=\"x\\\\\\\"\\ny\"} 1\n")
    }

    @Test(arguments: [
        (0.5, "0.5"), (-0.0, "-0.0"), (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `fractions and what is no number are written as Prometheus reads them`(_ value: Double, _ expected: String) {
        var metrics = MetricsWriter()
        metrics.gauge("a", "h", value)
        #expect(metrics.text.hasSuffix("\na \(expected)\n"))
    }

    @Test func `whole numbers keep all of their digits`() {
        var metrics = MetricsWriter()
        metrics.counter("a_total", "h", UInt64.max)
        #expect(metrics.text.hasSuffix("\na_total 18446744073709551615\n"))
    }

    @Test func `names follow Prometheus's rules`() {
        for name in ["a", "_a9", "kingbus:x"] { #expect(MetricName.isValid(name)) }
        for name in ["", "9a", "a-b", "a b", "ä", "a\n"] { #expect(!MetricName.isValid(name)) }
        #expect(!MetricName.isValid(label: "a:b"))
    }
}
