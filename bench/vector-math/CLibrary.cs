using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Optc.Bench.VectorMath;

/// <summary>loops.c built with the given options and loaded.</summary>
internal sealed class CLibrary
{
    private readonly nint handle;

    public CLibrary(string name, string options)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "loops.c");
        string library = Path.Combine(AppContext.BaseDirectory, name + ".so");
        using var compiler = Process.Start("gcc", $"{options} -shared -fPIC -o \"{library}\" \"{source}\" -lm");
        compiler.WaitForExit();
        if (compiler.ExitCode != 0) throw new InvalidOperationException($"gcc could not build {source}.");
        handle = NativeLibrary.Load(library);
    }

    public delegate void UnaryLoop(nint x, nint y, int count);

    public delegate void BinaryLoop(nint x, nint p, nint y, int count);

    public UnaryLoop Unary(string function) => Export<UnaryLoop>(function);

    public BinaryLoop Binary(string function) => Export<BinaryLoop>(function);

    private T Export<T>(string function)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(handle, "loop_" + function));
}
