using System.Globalization;
using Optc.Compiler;
using Optc.Runtime.Solution;
using Xunit;

namespace Optc.Tests.After;

/// <summary>Derivatives with respect to all parameters of models that others wrote, against differences of solves.</summary>
public sealed class SensitivityModelsTests
{
    private const int EntriesOfAParameter = 4;

    [Theory]
    [InlineData("tests/models/hs", 60)]
    [InlineData("tests/models/data", 10)]
    public void Derivatives_agree_with_differences_of_solves(string folder, int least)
    {
        int judged = 0;
        var wrong = new List<string>();
        foreach (string file in Directory.GetFiles(Path.Combine(Root(), folder), "*.opt").Order(StringComparer.Ordinal))
        {
            try
            {
                judged += Judge(file, wrong);
            }
            catch (OptcException refused)
            {
                Assert.True(refused.Code is "sensitivity" or "unsupported", $"{file}: {refused.Message}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(judged >= least, $"{judged} derivatives were judged");
    }

    private static int Judge(string file, List<string> wrong)
    {
        int judged = 0;
        var model = OptcModel.Load(file);
        if (model.Conditions.Count > 0 || model.Problem.VariableCount > 60) return 0;
        var differences = new Differences(model);
        if (differences.Session.Solve() != SolveStatus.Solved) return 0;
        foreach (ParamEntity p in Differences.Parameters(model))
        {
            SensitivityReport report;
            try
            {
                report = differences.Session.Sensitivity(p.Name);
            }
            catch (OptcException refused) when (refused.Code == "sensitivity")
            {
                continue;
            }
            double[] values = Differences.Values(p);
            foreach (ParameterSensitivity s in report.Parameters.Take(EntriesOfAParameter))
            {
                if (s.Status != "regular") continue;
                int position = Enumerable.Range(0, values.Length).First(k => p.PlainName(k) == s.Parameter);
                if (differences.Largest(p.Name, values, position, s) is not { } found) continue;
                // Badly scaled models (hs099: objective of −8e8) leave differences fewer digits.
                if (found.Uncertainty > 1e-6) continue;
                judged++;
                if (!(found.Error <= 1e-6)) wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} {s.Parameter}: {found.Error:g3}, differences to {found.Uncertainty:g3}"));
            }
        }
        return judged;
    }

    private static string Root()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dsl.sln"))) root = Path.GetDirectoryName(root)!;
        return root;
    }
}
