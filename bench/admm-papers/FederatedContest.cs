namespace Optc.Bench.AdmmPapers;

/// <summary>Federated weighted least squares: noise that is added up and noise that is forgotten; simulation against exact moments.</summary>
internal static class FederatedContest
{
    private const int Clients = 10, Dimension = 3, Records = 12, Rounds = 1000, Runs = 40, LevelRounds = 300;

    public static void Run(Report report)
    {
        var data = new FederatedData(Clients, Dimension, Records, 4);
        report.Heading("Federated least squares over noisy links");
        report.Text($"{Clients} clients, {Dimension} weights, {Records} records each, precisions that differ; ρ is the mean of the clients' largest curvatures, {data.Penalty:G3}. Numbers are the mean square distance of the clients' models to the weighted least squares solution, relative to its square, over {Runs} runs. “Dual kept” is ADMM in its usual order, which uses the shared variables twice; “eliminated” is `--solver admm --option schedule=… --option noise=…`; “difference” is the form of the simulation programs that the paper's authors published, with messages 2x − x before. All with the last messages of all clients.");
        (string Name, ClientRule Rule)[] rules = [("dual kept", ClientRule.DualKept), ("eliminated", ClientRule.DualEliminated), ("difference", ClientRule.Difference)];
        int[] marks = [10, 30, 100, 300, 1000];
        List<Panel> panels = [];
        foreach (int called in new[] { Clients, 3 })
        {
            const double Variance = 1e-3;
            List<Line> lines = [];
            List<object[]> rows = [];
            foreach ((string name, ClientRule rule) in rules)
            {
                double[] curve = FederatedRounds.MeanSquares(data, rule, called, called < Clients && rule != ClientRule.DualKept, true, Variance, Rounds, Runs, 100);
                lines.Add(new Line(name, [.. curve.Select((v, i) => (i + 1.0, v))]));
                rows.Add([name, .. marks.Select(m => (object)curve[m - 1])]);
            }
            double[] exact = new FederatedMoments(data, called, called < Clients, Variance).MeanSquares(Rounds);
            lines.Add(new Line("eliminated, exact", [.. exact.Select((v, i) => (i + 1.0, v))]));
            rows.Add(["eliminated, exact moments", .. marks.Select(m => (object)exact[m - 1])]);
            string title = called == Clients ? "all clients in every round" : $"{called} of {Clients} clients in a round";
            report.Text($"**{title}**, noise of variance {Variance:0.0e0} on every number in both directions, after rounds:");
            report.Table(["clients", .. marks.Select(m => m.ToString(System.Globalization.CultureInfo.InvariantCulture))], rows);
            panels.Add(new Panel(title, "rounds", lines, true));
        }
        report.Picture("admm-papers-federated.svg", "mean square error by round", [.. panels]);
        Levels(report, data);
        NoNoise(report, data);
    }

    private static void Levels(Report report, FederatedData data)
    {
        report.Text("**Convergence in the mean and in the mean square**: spectral radii of the two recursions (both below 1: both converge), and the level at which the error stays, exact and simulated (the mean of the last 200 of 300 rounds).");
        List<object[]> rows = [];
        foreach (int called in new[] { 1, 3, 5, 10 })
        {
            foreach (bool continues in called == Clients ? new[] { true } : [true, false])
            {
                foreach (double variance in new[] { 1e-3 })
                {
                    var moments = new FederatedMoments(data, called, continues, variance);
                    double exact = moments.MeanSquares(LevelRounds).TakeLast(200).Average();
                    double simulated = FederatedRounds.MeanSquares(data, ClientRule.DualEliminated, called, continues, true, variance, LevelRounds, Runs, 7).TakeLast(200).Average();
                    rows.Add([called, continues ? "go on" : "rest", variance, moments.MeanRadius.ToString("0.0000", null), moments.SquareRadius().ToString("0.0000", null), exact, simulated, simulated / exact]);
                }
            }
        }
        report.Table(["called of 10", "others", "variance", "radius, mean", "radius, square", "level, exact", "level, simulated", "ratio"], rows);
    }

    private static void NoNoise(Report report, FederatedData data)
    {
        report.Text("**Without noise**, 3 of 10 clients in a round, error after 100, 300, 1000 rounds: the messages of all clients, and going on locally.");
        List<object[]> rows = [];
        foreach ((string name, ClientRule rule, bool continues, bool keeps) in new[]
        {
            ("eliminated, all messages, go on", ClientRule.DualEliminated, true, true), ("eliminated, all messages, rest", ClientRule.DualEliminated, false, true),
            ("eliminated, messages of the round, go on", ClientRule.DualEliminated, true, false), ("eliminated, messages of the round, rest", ClientRule.DualEliminated, false, false),
            ("difference, all messages, go on", ClientRule.Difference, true, true), ("difference, all messages, rest", ClientRule.Difference, false, true),
        })
        {
            double[] curve = FederatedRounds.MeanSquares(data, rule, 3, continues, keeps, 0.0, Rounds, 5, 5);
            rows.Add([name, curve[99], curve[299], curve[999]]);
        }
        report.Table(["clients", "100", "300", "1000"], rows);
    }
}
