using Optc.Bench.BlockRules;

// cd-rules-bench FOLDER [NAME…]: runs the experiments (all, or those named) and writes their sections of cd-rules.md with their pictures to FOLDER.
(string Name, Action<Report> Run)[] experiments =
[
    ("crossover", Crossover.Run),
    ("forests", MessagePassing.Run),
    ("risk-parity", RiskParityContest.Run),
    ("fractional", FractionalContest.Run),
    ("a-coder", DualAveragingContest.Run),
    ("cyclic", CyclicContest.Run),
    ("networks", NetworkContest.Run),
    ("bcd-pr", FactorContest.Run),
    ("wasserstein", WassersteinContest.Run),
    ("completion", CompletionContest.Run),
    ("active-set", ActiveSetContest.Run),
];
if (args.Skip(1).FirstOrDefault(name => !experiments.Any(e => e.Name == name)) is { } unknown)
{
    Console.Error.WriteLine($"No experiment is called {unknown}; there are {string.Join(", ", experiments.Select(e => e.Name))}.");
    return 2;
}
Directory.CreateDirectory(args[0]);
var report = new Report(args[0]);
foreach ((string name, Action<Report> run) in experiments)
{
    if (args.Length == 1 || args.Contains(name)) run(report);
}
report.Write("cd-rules.md", """
    # Rules, blocks, updates and accelerations of coordinate descent

    `bench/cd-rules/run`, one thread, seeds in the code; seconds are processor seconds on a shared machine of 2 cores, to be compared within a section: `bench/cd-rules/run FOLDER NAME…`
    renews some sections alone.
    """);
return 0;
