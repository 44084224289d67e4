using Optc.Bench.BlockRules;

// cd-rules-bench FOLDER [NAME…]: runs the experiments (all, or those named) and writes cd-rules.md with its pictures to FOLDER.
(string Name, Action<Report> Run)[] experiments =
[
    ("crossover", Crossover.Run),
    ("forests", MessagePassing.Run),
    ("risk-parity", RiskParityContest.Run),
    ("fractional", FractionalContest.Run),
    ("a-coder", DualAveragingContest.Run),
    ("bcd-pr", FactorContest.Run),
    ("wasserstein", WassersteinContest.Run),
    ("completion", CompletionContest.Run),
    ("active-set", ActiveSetContest.Run),
];
var report = new Report(args[0]);
report.Text("# Rules, blocks, updates and accelerations of coordinate descent");
report.Text($"`bench/cd-rules/run {string.Join(' ', args.Skip(1))}`".Replace(" `", "`", StringComparison.Ordinal) + ", one thread, seeds in the code; seconds are processor seconds on a shared machine of 2 cores.");
foreach ((string name, Action<Report> run) in experiments)
{
    if (args.Length == 1 || args.Contains(name)) run(report);
}
File.WriteAllText(Path.Combine(args[0], "cd-rules.md"), report.Markdown);
