using System.Diagnostics;
using Xunit;

namespace Optc.Tests.Nl;

/// <summary>Programs on AMPL's solver library and on Ipopt, built from tests/peers when first used.</summary>
internal static class NlPeers
{
    private const string Packages = "install the Debian packages gcc, libamplsolver-dev and coinor-libipopt-dev";
    private static readonly Lazy<string> Values = new(() => Build("nl_values", ["-lamplsolver", "-lm"]));
    private static readonly Lazy<string> Ipopt = new(() => Build("nl_ipopt", ["-DHAVE_CSTDDEF", "-lipopt", "-lamplsolver", "-lm"]));

    /// <summary>What the library makes of a file; see tests/peers/nl_values.c.</summary>
    public static string[] Evaluate(string nl, double shift = 0.0, bool withHessian = true)
    {
        string[] arguments = [nl, shift.ToString("R", System.Globalization.CultureInfo.InvariantCulture)];
        return Lines(Values.Value, withHessian ? arguments : [.. arguments, "first"]);
    }

    /// <summary>Ipopt's answer to a file; see tests/peers/nl_ipopt.c.</summary>
    public static string[] Solve(string nl) => Lines(Ipopt.Value, nl);

    /// <summary>The folder with Dsl.sln.</summary>
    public static string Root()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dsl.sln"))) root = Path.GetDirectoryName(root)!;
        return root;
    }

    private static string Build(string name, string[] options)
    {
        // In the folder of the tests, which a build of another configuration does not share.
        string source = Path.Combine(Root(), "tests", "peers", name + ".c"), program = Path.Combine(AppContext.BaseDirectory, name);
        string[] libraries = [.. options.Where(o => o.StartsWith("-l", StringComparison.Ordinal))];
        string[] flags = [.. options.Except(libraries)];
        (int code, _, string error) = Run("gcc", ["-O1", "-w", .. flags, "-I/usr/include/ampl-netlib-solvers", source, "-o", program, .. libraries]);
        Assert.True(code == 0, $"{name} cannot be built, and the export is not proved without it: {Packages}\n{error}");
        return program;
    }

    private static string[] Lines(string program, params string[] arguments)
    {
        (int code, string output, string error) = Run(program, arguments);
        Assert.True(code == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: exit code {code}\n{error}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int Code, string Output, string Error) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", $"{program} is not there");
        }
    }
}
