DROP INDEX `prediction_feedback_by_model`;--> statement-breakpoint
CREATE INDEX `prediction_feedback_by_model` ON `prediction_feedback` (`name`,`version`,`label`,`truth`);--> statement-breakpoint
CREATE INDEX `alias_moves_by_time` ON `alias_moves` (`name`,`at`);--> statement-breakpoint
CREATE INDEX `cache_entries_by_time` ON `cache_entries` (`created_at`);--> statement-breakpoint
CREATE INDEX `model_versions_by_stage` ON `model_versions` (`name`,`stage`,`version`);--> statement-breakpoint
CREATE INDEX `state_changes_by_time` ON `state_changes` (`name`,`at`);