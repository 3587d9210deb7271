//! The limits as flags. A flag wins over the variable of the same meaning.

use clap::{Args, builder::NonEmptyStringValueParser};

use crate::config::Environment;

#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitFlags {
    /// Largest amount of one payment, such as "500 EUR,550 USD" [env: BITNOVO_MAX_AMOUNT]
    #[arg(long, global = true, value_name = "AMOUNTS", value_parser = NonEmptyStringValueParser::new())]
    max_amount: Option<String>,
    /// Largest sum of a day in UTC [env: BITNOVO_DAILY_LIMIT]
    #[arg(long, global = true, value_name = "AMOUNTS", value_parser = NonEmptyStringValueParser::new())]
    daily_limit: Option<String>,
    /// Amounts above which a payment needs human approval [env: BITNOVO_CONFIRM_OVER]
    #[arg(long, global = true, value_name = "AMOUNTS", value_parser = NonEmptyStringValueParser::new())]
    confirm_over: Option<String>,
    /// Hosts to which checkout pages may lead, such as "shop.example,*.shop.example" [env: BITNOVO_REDIRECT_HOSTS]
    #[arg(long, global = true, value_name = "HOSTS", value_parser = NonEmptyStringValueParser::new())]
    redirect_hosts: Option<String>,
    /// Offer only tools that read [env: BITNOVO_READ_ONLY]
    #[arg(long, global = true)]
    read_only: bool,
    /// Which tools are offered [env: BITNOVO_TOOLSETS]
    #[arg(long, global = true, value_name = "NAMES", value_parser = NonEmptyStringValueParser::new())]
    toolsets: Option<String>,
}

impl LimitFlags {
    /// The environment with the flags over it.
    pub(super) fn over(self, environment: Environment) -> Environment {
        let flags = [
            ("BITNOVO_MAX_AMOUNT", self.max_amount),
            ("BITNOVO_DAILY_LIMIT", self.daily_limit),
            ("BITNOVO_CONFIRM_OVER", self.confirm_over),
            ("BITNOVO_REDIRECT_HOSTS", self.redirect_hosts),
            ("BITNOVO_READ_ONLY", self.read_only.then(|| "true".to_owned())),
            ("BITNOVO_TOOLSETS", self.toolsets),
        ];
        flags.into_iter().fold(environment, |environment, (name, value)| match value {
            Some(value) => environment.with(name, value),
            None => environment,
        })
    }
}
