using System.Globalization;
using Optc.Bench.AdmmPapers;

// admm-papers-bench FOLDER ROOT [NAME…]: runs the experiments (all, or those named) and writes admm-papers.md with its pictures to FOLDER.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(string Name, Action<Report> Run)[] experiments =
[
    ("federated", FederatedContest.Run),
    ("sampling", report => SamplingContest.Run(report, args[1])),
    ("projections", report => ProjectionContest.Run(report, args[1])),
];
var report = new Report(args[0]);
report.Text("# Schedules and noise, sampling, projections");
report.Text($"`bench/admm-papers/run {string.Join(' ', args.Skip(2))}`".Replace(" `", "`", StringComparison.Ordinal) + ", seeds in the code, on a shared machine of 2 cores.");
foreach ((string name, Action<Report> run) in experiments)
{
    if (args.Length == 2 || args.Contains(name)) run(report);
}
File.WriteAllText(Path.Combine(args[0], "admm-papers.md"), report.Markdown);
