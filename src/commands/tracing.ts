import { context, trace } from '@opentelemetry/api';

/**
 * Sends traces to an OpenTelemetry collector when OTEL_EXPORTER_OTLP_ENDPOINT (or its _TRACES_ form) names one, by
 * the standard's own settings; the sampler is parent-based, with OTEL_TRACES_SAMPLER_ARG as its share (0 to 1, all when
 * unset). The returned function sends what is left and ends it.
 */
export async function openTracing(env: NodeJS.ProcessEnv, service: string): Promise<() => Promise<void>> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
    return async () => undefined;
  // Loaded only where it is used: it is a third of the program's start.
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const sdk = await import('@opentelemetry/sdk-trace-base');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const share = Number(env.OTEL_TRACES_SAMPLER_ARG || 1);
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME || service }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}
